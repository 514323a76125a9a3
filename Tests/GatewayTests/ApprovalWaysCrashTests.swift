import InterlockAlerts
import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The process crashes at each write of a decision that is not a signed vote: a client's consent, an objection from the
/// console or from a mail link, a break-glass order and its review. As in `Approvals after a death`, a step that fails
/// without being stored simulates a crash before it; one that fails although stored, a crash after it.
@Suite struct `Other ways to decide after a death` {
    private let low = `Waiting calls`.low

    private func bench(_ policy: [(String, String)] = []) throws -> Bench {
        try Bench(policy: policy, hasTrail: true, takesConsent: true)
    }

    /// The next process, on the state that the previous one left on disk.
    private func after(_ old: Bench, _ policy: [(String, String)] = []) async throws -> Bench {
        old.store.mend()
        old.ledger.accept()
        let new = try Bench(
            policy: policy, store: old.store, ledger: old.ledger, hasTrail: true,
            takesConsent: true, seed: 8)
        try await new.approvals.restore()
        await new.approvals.restoreBreakGlass()
        return new
    }

    /// A request whose caller has disconnected.
    private func left(
        _ bench: Bench, _ tool: String, as bearer: String = "clerk"
    ) async throws -> ApprovalID {
        let client = try await Client.open(bench, as: bearer)
        let call = client.begin(tool)
        let id = try await bench.request().id
        _ = await until { bench.waiting == 1 }
        call.exchange.close()
        _ = await call.answer()
        return id
    }

    private func objection(_ means: Objection.Means) -> Objection {
        Objection(
            person: People.all["rui"].person, pseudonym: People.all["rui"].pseudonym,
            revision: nil, means: means, reason: means == .session ? .tooMuch : nil, text: "")
    }

    // MARK: A client's consent

    @Test(arguments: ["ledger", "store"], [false, true])
    func `consent counts once both have it, and is used once`(
        part: String, isKept: Bool
    ) async throws {
        let old = try bench(low)
        let id = try await left(old, "look", as: "reader")
        if part == "ledger" {
            old.ledger.refuse(.approvalGranted, kept: isKept)
        } else {
            old.store.fail(.write(.vote(isLast: true)), kept: isKept)
        }
        let asked = try #require(old.approvals[id]).bind
        guard case .refused = await old.approvals.change(id, .consent(bind: asked)) else {
            Issue.record("what is not on disk is not acknowledged")
            return
        }
        let new = try await after(old, low)
        let isGranted = part == "store" && isKept
        let request = try #require(new.approvals[id])
        #expect(request.state == (isGranted ? .approved : .pending))
        #expect((request.consent != nil) == isGranted)
        let call = try await Client.open(new, as: "reader").begin("look")
        if !isGranted {
            _ = await until { new.waiting == 1 }
            let again = await new.approvals.change(id, .consent(bind: asked))
            guard case .granted = again else {
                Issue.record("it can be asked for again")
                return
            }
        }
        check(await call.answer(), .text("done"))
        #expect(old.upstreams.sent.isEmpty && new.upstreams.sent.count == 1)
        let used = new.ledger.drafts(of: .approvalUsed)
        #expect(used.count == 1 && used.last?.fields["grants"]?.array?.count == 1)
        let third = try await after(new, low)
        #expect(third.store[id]?.state == "used")
    }

    // MARK: An objection

    @Test(arguments: [Objection.Means.session, .mail], [false, true])
    func `a no holds once the log has it`(means: Objection.Means, isKept: Bool) async throws {
        let old = try bench()
        let id = try await left(old, "note")
        old.ledger.refuse(.approvalDenied, kept: isKept)
        await #expect(throws: ApprovalRefusal.self) {
            try await old.approvals.object(to: id, objection(means))
        }
        let new = try await after(old)
        #expect(new.approvals[id]?.state == (isKept ? .denied : .pending))
        #expect(new.store[id]?.state == (isKept ? "denied" : "pending"))
        if isKept {
            await #expect(throws: ApprovalRefusal.closed(.denied)) {
                try await new.vote(on: id, by: "ines")
            }
        }
        #expect(old.upstreams.sent.isEmpty && new.upstreams.sent.isEmpty)
    }

    @Test(arguments: [Objection.Means.session, .mail])
    func `a no that only the log has holds`(means: Objection.Means) async throws {
        let old = try bench()
        let id = try await left(old, "note")
        old.store.fail(.write(.end(.denied)))
        _ = try await old.approvals.object(to: id, objection(means))
        #expect(old.store[id]?.state == "pending")
        let new = try await after(old)
        #expect(new.approvals[id]?.state == .denied && new.store[id]?.state == "denied")
    }

    @Test(arguments: [Objection.Means.session, .mail], [false, true])
    func `what was approved stays taken back once the log says so`(
        means: Objection.Means, isKept: Bool
    ) async throws {
        let old = try bench()
        let id = try await old.grant("note", [:], to: try await Client.open(old), by: "ines")
        old.ledger.refuse(.approvalVoid, kept: isKept)
        await #expect(throws: ApprovalRefusal.self) {
            try await old.approvals.object(to: id, objection(means))
        }
        let new = try await after(old)
        #expect(new.approvals[id]?.state == (isKept ? .void : .approved))
        let call = try await Client.open(new).begin("note")
        if isKept {
            let request = try await new.request()
            #expect(request.id != id)
            try await new.vote(.deny, on: request.id, by: "ines")
        }
        check(await call.answer(), isKept ? .refused(4031, "denied") : .text("done"))
        #expect(new.upstreams.sent.count == (isKept ? 0 : 1))
    }

    @Test func `a link out of a mail counts until the no is on record`() async throws {
        let old = try bench()
        let links = MemoryNotices()
        func service(_ bench: Bench) -> DenialLinkService {
            DenialLinkService(
                approvals: bench.approvals, store: links, clock: bench.clock,
                hashing: OpenSSLHashing(), code: { hmacSHA256(key: [1, 2, 3], $0) })
        }
        let id = try await left(old, "note")
        let paul = try #require(MailAddress("paul@acme.example"))
        let token = try #require(try await service(old).token(for: id, to: paul))
        old.ledger.refuse(.approvalDenied)
        await #expect(throws: ApprovalRefusal.self) { try await service(old).deny(token) }
        let new = try await after(old)
        #expect(try await service(new).token(for: id, to: paul) == token)
        // The process crashes between the record and the removal of the link.
        new.ledger.refuse(.approvalDenied, kept: true)
        await #expect(throws: ApprovalRefusal.self) { try await service(new).deny(token) }
        let last = try await after(new)
        #expect(last.approvals[id]?.state == .denied)
        await #expect(throws: ApprovalRefusal.noSuchRequest) { try await service(last).deny(token) }
        #expect(last.ledger.drafts(of: .approvalDenied).count == 1)
    }

    // MARK: Break-glass

    private func lower(_ bench: Bench, _ id: ApprovalID) async throws {
        _ = try await bench.approvals.breakGlass(
            try People.all.breakGlass(
                id, .lower(revision: 1, ticket: "INC-1"), by: "dana", at: bench.clock.now.wall))
    }

    @Test(arguments: [false, true])
    func `an order that ends with its record lowers nothing, and is to be reviewed`(
        isKept: Bool
    ) async throws {
        let old = try bench()
        await old.approvals.restoreBreakGlass()
        let id = try await left(old, "pay")
        old.ledger.refuse(.approvalBreakGlass, kept: isKept)
        await #expect(throws: BreakGlassRefusal.self) { try await lower(old, id) }
        let new = try await after(old)
        let request = try #require(new.approvals[id])
        #expect(request.revision == 1 && request.decision.quorum == 2)
        #expect(new.approvals.breakGlass?.unreviewed.count == (isKept ? 1 : 0))
        try await new.vote(on: id, by: "ines")
        #expect(new.approvals[id]?.state == .pending, "one of two")
    }

    @Test(arguments: ["ledger", "store"], [false, true])
    func `the new form counts once both have it; else nobody decides alone`(
        part: String, isKept: Bool
    ) async throws {
        let old = try bench()
        await old.approvals.restoreBreakGlass()
        let id = try await left(old, "pay")
        if part == "ledger" {
            old.ledger.refuse(.approvalReissued, kept: isKept)
        } else {
            old.store.fail(.write(.reissue), kept: isKept)
            // The node that reports this has crashed by then.
            old.store.fail(.write(.end(.void)))
        }
        await #expect(throws: BreakGlassRefusal.self) { try await lower(old, id) }
        let new = try await after(old)
        let request = try #require(new.approvals[id])
        #expect(new.approvals.breakGlass?.unreviewed.count == 1, "it was ordered")
        if part == "ledger", !isKept {
            #expect(request.state == .pending && request.revision == 1)
            #expect(request.decision.quorum == 2)
        } else {
            #expect(request.state == .void, "nobody can say what people would be shown")
        }
        #expect(old.upstreams.sent.isEmpty && new.upstreams.sent.isEmpty)
    }

    @Test(arguments: [false, true])
    func `a review counts once it is on record`(isKept: Bool) async throws {
        let old = try bench()
        await old.approvals.restoreBreakGlass()
        let id = try await left(old, "pay")
        try await lower(old, id)
        func review(_ bench: Bench) async throws {
            try await bench.approvals.review(
                try People.all.breakGlass(id, .review, by: "eve", at: bench.clock.now.wall))
        }
        old.ledger.refuse(.approvalReviewed, kept: isKept)
        await #expect(throws: BreakGlassRefusal.self) { try await review(old) }
        let new = try await after(old)
        #expect(new.approvals[id]?.decision.quorum == 1, "the form that both have goes on")
        #expect(new.approvals.breakGlass?.unreviewed.count == (isKept ? 0 : 1))
        if isKept {
            await #expect(throws: BreakGlassRefusal.reviewed) { try await review(new) }
        } else {
            try await review(new)
        }
        #expect(new.ledger.drafts(of: .approvalReviewed).count == 1)
    }
}
