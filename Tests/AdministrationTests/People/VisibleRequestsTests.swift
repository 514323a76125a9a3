import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The lists that are kept of requests are never older than the requests themselves.
@Suite struct VisibleRequestsTests {
    private let bench: Bench
    private let inbox: ApprovalInboxService

    init() throws {
        bench = try Bench()
        inbox = ApprovalInboxService(
            service: bench.approvals, people: bench.people, clock: bench.clock,
            hashing: OpenSSLHashing())
    }

    private func person(_ name: String) -> Person { People.all[name].person }

    private func ask(_ text: String) async throws -> ApprovalRequest {
        _ = try await Client.open(bench).begin("note", ["text": .string(text)])
        return try await bench.request()
    }

    @Test func `a new request and its end are seen at once`() async throws {
        let voter = person("ines")
        let security = person("eve")
        #expect(await inbox.waitingCount(for: voter) == 0)
        #expect(await inbox.requests(for: voter).isEmpty)
        #expect(await inbox.requests(for: security).isEmpty)
        let request = try await ask("x")
        try #require(request.isVoter(voter))
        #expect(await inbox.waitingCount(for: voter) == 1)
        #expect(await inbox.requests(for: voter).map(\.state) == [.pending])
        #expect(await inbox.requests(for: security).map(\.state) == [.pending])
        try await inbox.perform(
            .deny(.tooMuch, text: ""), on: request.id, revision: 1,
            by: PersonSession(
                person: voter, pseudonym: People.all["ines"].pseudonym, formToken: "ines"))
        #expect(await inbox.waitingCount(for: voter) == 0)
        #expect(await inbox.requests(for: voter).map(\.state) == [.denied])
        #expect(await inbox.requests(for: security).map(\.state) == [.denied])
    }

    @Test func `one person's list is not another's`() async throws {
        let request = try await ask("x")
        #expect(await inbox.requests(for: person("eve")).map(\.id) == [request.id])
        for name in People.names {
            let sees = await inbox.request(request.id, for: person(name)) != nil
            for _ in 0..<2 {
                #expect(await inbox.requests(for: person(name)).isEmpty == !sees, "\(name)")
                let count = await inbox.waitingCount(for: person(name))
                #expect(count == (request.waits(for: person(name)) ? 1 : 0), "\(name)")
            }
        }
    }

    @Test func `the count of open requests of a run follows each change`() async throws {
        let request = try await ask("x")
        let run = request.review.call.run
        #expect(bench.approvals.waiting == [run: 1])
        #expect(bench.approvals.isAwaited(run))
        _ = await bench.approvals.change(request.id, ApprovalEvent.withdraw(.cancelled))
        #expect(bench.approvals.waiting.isEmpty)
        #expect(!bench.approvals.isAwaited(run))
    }

    @Test func `a list is found again at a later version, for other roles, and only then`() {
        let visible = VisibleRequests()
        var finds = 0
        func look(_ viewer: Person?, _ roles: Set<Role>, at version: UInt64) {
            _ = visible.requests(of: viewer, roles, at: version) {
                finds += 1
                return []
            }
        }
        let ines = person("ines")
        for _ in 0..<2 { look(ines, [], at: 1) }
        #expect(finds == 1)
        look(ines, [.kill], at: 1)
        #expect(finds == 2)
        look(nil, [.security], at: 1)
        look(nil, [.breakGlass], at: 1)
        #expect(finds == 3)
        for _ in 0..<2 { look(ines, [.kill], at: 2) }
        #expect(finds == 4)
        // A reader may have read the version before a change and come after it: that list is not kept.
        for _ in 0..<2 { look(ines, [.kill], at: 1) }
        #expect(finds == 6)
        look(ines, [.kill], at: 2)
        #expect(finds == 6)
    }

    @Test func `a count is found again at a later version, and only then`() {
        let visible = VisibleRequests()
        let ines = person("ines")
        #expect(visible.waiting(for: ines, at: 1) { 3 } == 3)
        #expect(visible.waiting(for: ines, at: 1) { 4 } == 3)
        #expect(visible.waiting(for: ines, at: 2) { 4 } == 4)
        #expect(visible.waiting(for: person("eve"), at: 2) { 5 } == 5)
    }
}
