import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The visibility of requests, and the conditions under which a page withholds the vote. A browser test covers the
/// passkey's own part.
@Suite struct ApprovalInboxServiceTests {
    private let bench: Bench
    private let inbox: ApprovalInboxService
    private let pages = Breakable(OneNodeRegistry(ReviewReadTracker()))

    init() throws {
        bench = try Bench()
        inbox = ApprovalInboxService(
            service: bench.approvals, people: bench.people, clock: bench.clock,
            hashing: OpenSSLHashing(), readings: pages, statements: pages)
    }

    private func session(_ name: String, number: Int = 1) -> PersonSession {
        PersonSession(
            person: People.all[name].person, pseudonym: People.all[name].pseudonym,
            formToken: "\(name)-\(number)")
    }

    private func ask(_ tool: String = "note") async throws -> (ApprovalRequest, Client.Call) {
        let call = try await Client.open(bench).begin(tool, ["text": "x"])
        return (try await bench.request(), call)
    }

    private func refusal(_ body: () async throws -> Void) async -> VotingRefusal? {
        await thrown(body)
    }

    private func challenge(
        _ request: ApprovalRequest, _ session: PersonSession, revision: Int = 1
    ) async throws(VotingRefusal) -> VoteChallenge {
        try await inbox.challenge(request.id, revision: revision, typed: "", by: session)
    }

    private func readAll(_ request: ApprovalRequest, _ session: PersonSession) async throws {
        await inbox.opened(request, by: session)
        try await inbox.viewed(
            Set(ReviewPart.allCases), of: request.id, revision: request.revision, by: session)
        bench.clock.advance(MinimumReadingTime.time(for: request.review))
    }

    @Test func `who may vote, the owner and security see a request, and nobody else`() async throws
    {
        let (request, _) = try await ask()
        let owner = try #require(request.review.facts["owner"]?.string)
        for name in People.names {
            let person = People.all[name].person
            let isVoter = request.voters.contains { $0.person == person }
            let sees = await inbox.request(request.id, for: person) != nil
            #expect(sees == (isVoter || name == "eve" || person.address == owner), "\(name)")
            #expect(await inbox.requests(for: person).isEmpty == !sees)
        }
    }

    @Test func `a denial is on record with reason and words, and holds for the call`() async throws
    {
        let (request, call) = try await ask()
        let ines = session("ines")
        try await inbox.perform(
            .deny(.suspicious, text: "odd"), on: request.id, revision: 1, by: ines)
        check(await call.answer(), .refused(4031, "denied"))
        let record = try #require(bench.ledger.drafts(of: .approvalDenied).last)
        #expect(record.fields["via"] == "console-session")
        #expect(record.fields["code"] == "approval.suspicious")
        #expect(record.fields["by"] == .string(ines.pseudonym.text))
        #expect(bench.alarmed.contains("approval.suspicious"))
        await #expect(throws: ApprovalRefusal.closed(.denied)) {
            try await inbox.perform(
                .deny(.tooMuch, text: ""), on: request.id, revision: 1, by: ines)
        }
    }

    @Test func `who sees without a vote can deny nothing`() async throws {
        let (request, _) = try await ask()
        await #expect(throws: ApprovalRefusal.notEligible(.notMember)) {
            try await inbox.perform(
                .deny(.tooMuch, text: ""), on: request.id, revision: 1, by: session("eve"))
        }
        await #expect(throws: ApprovalRefusal.noSuchRequest) {
            try await inbox.perform(
                .deny(.tooMuch, text: ""), on: request.id, revision: 1, by: session("kim"))
        }
        #expect(bench.approvals[request.id]?.state == .pending)
    }

    @Test func `nothing is signed before it was read, by this gateway's clock`() async throws {
        let (request, _) = try await ask()
        let ines = session("ines")
        #expect(await refusal { _ = try await challenge(request, ines) } == .notFullyViewed)
        await inbox.opened(request, by: ines)
        // R152: time counts as reading only once a part was viewed, however long ago the page was sent.
        bench.clock.advance(.seconds(3600))
        let parts = Set(ReviewPart.allCases)
        for part in ReviewPart.allCases {
            #expect(await refusal { _ = try await challenge(request, ines) } == .notFullyViewed)
            try await inbox.viewed([part], of: request.id, revision: 1, by: ines)
        }
        let floor = MinimumReadingTime.time(for: request.review)
        #expect(
            await refusal { _ = try await challenge(request, ines) } == .tooFast(left: floor))
        bench.clock.advance(floor - .milliseconds(1))
        #expect(
            await refusal { _ = try await challenge(request, ines) }
                == .tooFast(left: .milliseconds(1)))
        bench.clock.advance(.milliseconds(1))
        let made = try await challenge(request, ines)
        #expect(
            made.challenge == VoteProof.challenge(made.statement, OpenSSLHashing()).bytes)
        // A part read in one session counts as unread in another.
        let other = session("ines", number: 2)
        await inbox.opened(request, by: other)
        #expect(await refusal { _ = try await challenge(request, other) } == .notFullyViewed)
        try await inbox.viewed(parts, of: request.id, revision: 1, by: other)
        #expect(await refusal { _ = try await challenge(request, other) } == .tooFast(left: floor))
    }

    @Test func `what was read cannot be looked up: nothing is signed, and nothing counts`()
        async throws
    {
        let (request, _) = try await ask()
        let ines = session("ines")
        let unkept = VotingRefusal.refused(.notRecorded("store"))
        pages.isBroken = true
        await inbox.opened(request, by: ines)
        #expect(bench.ledger.drafts(of: .approvalViewed).isEmpty)
        #expect(
            await refusal { try await inbox.viewed([], of: request.id, revision: 1, by: ines) }
                == unkept)
        #expect(await refusal { _ = try await challenge(request, ines) } == unkept)
        pages.isBroken = false
        try await readAll(request, ines)
        let made = try await challenge(request, ines)
        pages.isBroken = true
        #expect(await refusal { _ = try await challenge(request, ines) } == unkept)
        let assertion = try PasskeyAssertion(
            credential: Passkeys.id(of: "ines"), authenticatorData: [8], clientDataJSON: [1],
            signature: [1])
        #expect(
            await refusal {
                try await inbox.vote(made.statement, assertion, on: request.id, by: ines)
            } == unkept)
        #expect(bench.approvals[request.id]?.votes.isEmpty == true)
    }

    @Test func `a page's opening is on record once for each person and revision`() async throws {
        let (request, _) = try await ask()
        for _ in 0..<3 { await inbox.opened(request, by: session("ines")) }
        await inbox.opened(request, by: session("eve"))
        let views = bench.ledger.drafts(of: .approvalViewed)
        #expect(views.count == 1)
        #expect(views.first?.fields["by"] == .string(People.all["ines"].pseudonym.text))
    }

    @Test func `a statement is signed in the page that it was given to, once`() async throws {
        let (request, _) = try await ask()
        let (ines, paul) = (session("ines"), session("paul"))
        try await readAll(request, ines)
        try await readAll(request, paul)
        let made = try await challenge(request, ines)
        let assertion = try PasskeyAssertion(
            credential: try #require(PasskeyID(bytes: [1])), authenticatorData: [1],
            clientDataJSON: [2], signature: [3])
        func vote(_ statement: [UInt8], _ session: PersonSession) async -> VotingRefusal? {
            await refusal {
                try await inbox.vote(statement, assertion, on: request.id, by: session)
            }
        }
        #expect(await vote(made.statement, paul) == .refused(.digestMismatch))
        let newer = try await challenge(request, ines)
        #expect(await vote(made.statement, ines) == .refused(.nonceSpent))
        // Its own statement reaches the approval service, which does not know the passkey.
        #expect(await vote(newer.statement, ines) == .refused(.badAssertion(.wrongCredential)))
        #expect(await vote(newer.statement, ines) == .refused(.nonceSpent))
        #expect(bench.approvals[request.id]?.votes.isEmpty == true)
    }

    @Test func `a refusal is on record with whose it is, and who goes on is not listened to`()
        async throws
    {
        let (request, _) = try await ask()
        let ines = session("ines")
        let before = bench.alarmed.count
        for _ in 0..<200 {
            let refused = await refusal { _ = try await challenge(request, ines) }
            #expect(refused == .notFullyViewed || refused == .refused(.tooOften))
        }
        #expect(bench.alarmed.count - before == RefusalRateLimiter<Pseudonym>.burst)
        #expect(bench.alarmed.last == "approval.refused")
        await #expect(throws: ApprovalRefusal.tooOften) {
            try await inbox.perform(
                .deny(.tooMuch, text: ""), on: request.id, revision: 2, by: ines)
        }
        #expect(bench.alarmed.count - before == RefusalRateLimiter<Pseudonym>.burst)
        try await inbox.perform(
            .deny(.tooMuch, text: ""), on: request.id, revision: 1, by: ines)
        #expect(bench.approvals[request.id]?.state == .denied, "a no is heard")
    }

    @Test func `what waits is denied, not taken back`() async throws {
        let (request, _) = try await ask()
        await #expect(throws: ApprovalRefusal.notGranted) {
            try await inbox.perform(
                .revoke(text: ""), on: request.id, revision: 1, by: session("ines"))
        }
        #expect(bench.approvals[request.id]?.state == .pending)
    }

    @Test func `a change of any request is told`() async throws {
        let changes = inbox.changes()
        let (request, _) = try await ask()
        var told = changes.makeAsyncIterator()
        #expect(await told.next() != nil)
        try await inbox.perform(
            .deny(.notNeeded, text: ""), on: request.id, revision: 1, by: session("ines"))
        #expect(await told.next() != nil)
    }
}
