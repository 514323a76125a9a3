import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Changes of different requests at the same time, on a store that takes time.
@Suite struct ApprovalGateTests {
    private static let limits = ApprovalTable.Limits(pendingOfAgent: 10_000)

    /// Asks `count` questions, whose callers then disconnect.
    private func ask(
        _ count: Int, _ bench: Bench, _ client: Client, tool: String = "note", from first: Int = 0
    ) async throws -> [ApprovalID] {
        let known = Set(bench.approvals.live.map(\.id))
        let calls = (first..<first + count).map {
            client.begin(tool, ["n": .integer(Int64($0))])
        }
        try #require(await until { bench.approvals.live.count == known.count + count })
        for call in calls { call.exchange.close() }
        for call in calls { _ = await call.answer() }
        return bench.approvals.live.map(\.id).filter { !known.contains($0) }
    }

    /// Returns false if the body has not ended in time, as it never does when tasks wait in a circle.
    private func ends(
        within limit: Duration, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            let isEnded = try await group.next() ?? false
            group.cancelAll()
            return isEnded
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `200 requests are voted on at once while others are asked, expire and are used`()
        async throws
    {
        let bench = try Bench(limits: Self.limits)
        await bench.approvals.restoreBreakGlass()
        let client = try await Client.open(bench)
        // These are due when the clock has advanced; those asked after it are not.
        let old = try await ask(50, bench, client, from: 1000)
        bench.clock.advance(.seconds(20 * 60))
        let voted = try await ask(200, bench, client, tool: "pay")
        bench.clock.advance(.seconds(10 * 60))
        bench.store.slow(.milliseconds(1))
        let isOver = try await ends(within: .seconds(60)) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in voted {
                    for name in ["ines", "rui"] {
                        group.addTask { _ = try await bench.vote(on: id, by: name) }
                    }
                }
                group.addTask { await bench.approvals.expire() }
                group.addTask { await bench.approvals.followPeople() }
                group.addTask {
                    // One order of break-glass at most, whatever is voted meanwhile.
                    let order = try People.all.breakGlass(
                        voted[0], .lower(revision: 1, ticket: "INC-1"), by: "dana",
                        at: bench.clock.now.wall)
                    _ = try? await bench.approvals.breakGlass(order)
                }
                for number in 0..<50 {
                    group.addTask {
                        // The same calls as before: each is asked anew, and twice at once joins itself.
                        let arguments: JSONObject = ["n": .integer(Int64(1000 + number))]
                        let calls = [
                            client.begin("note", arguments), client.begin("note", arguments),
                        ]
                        for call in calls { call.exchange.close() }
                        for call in calls { _ = await call.answer() }
                    }
                }
                // The vote on the request that break-glass lowered meanwhile may be refused.
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is ApprovalRefusal) {
                        throw error
                    }
                }
            }
        }
        try #require(isOver, "tasks wait for each other")
        let granted = voted.dropFirst().filter { bench.approvals[$0]?.state == .approved }
        #expect(granted.count == voted.count - 1)
        #expect(granted.allSatisfy { bench.store[$0]?.state == "approved" })
        #expect(old.allSatisfy { bench.approvals[$0]?.state == .expired })
        let open = bench.approvals.live.filter { $0.state == .pending && $0.id != voted[0] }
        #expect(Set(open.map(\.callDigest)).count == open.count, "no call is asked twice")
        let gates = bench.approvals.gates
        #expect(gates.requests.count == 0 && gates.questions.count == 0 && gates.voters.count == 0)
    }

    @Test func `votes on different requests do not wait for each other`() async throws {
        let bench = try Bench(limits: Self.limits)
        let client = try await Client.open(bench)
        let ids = try await ask(64, bench, client)
        bench.store.slow(.milliseconds(200))
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in ids { group.addTask { _ = try await bench.vote(on: id, by: "ines") } }
            try await group.waitForAll()
        }
        let time = ContinuousClock.now - start
        // One after the other takes 12.8 s for the store alone.
        #expect(time < .seconds(6))
    }

    @Test func `of many who ask at once no more are open than may be`() async throws {
        let bench = try Bench(limits: ApprovalTable.Limits(pendingOfAgent: 4))
        let client = try await Client.open(bench)
        bench.store.slow(.milliseconds(20))
        let calls = (0..<12).map { client.begin("note", ["n": .integer(Int64($0))]) }
        #expect(
            await until { bench.waiting == 4 && calls.count { $0.exchange.now.isAnswered } == 8 })
        #expect(bench.approvals.live.count == 4 && bench.store.count == 4)
        try await bench.halt(.org)
        for call in calls { _ = await call.answer() }
        #expect(await until { bench.approvals.live.isEmpty })
        let table = bench.approvals.state.withLock(\.table)
        #expect(table.reservedCount == 0, "what is refused or written is not reserved")
    }

    @Test func `of many votes of one person at once no more count than the hour allows`()
        async throws
    {
        let bench = try Bench(
            limits: Self.limits, reviewQuality: ReviewQualityPolicy(capPerHour: 3, refuses: true))
        let client = try await Client.open(bench)
        let ids = try await ask(12, bench, client)
        bench.store.slow(.milliseconds(5))
        let counted = await withTaskGroup(of: Bool.self) { group in
            for id in ids {
                group.addTask { (try? await bench.vote(on: id, by: "ines")) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(counted == 3)
        #expect(bench.approvals.live.count { $0.state == .approved } == 3)
    }

    @Test func `a vote on a row that another process has changed does not count`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay")
        let id = try await bench.request().id
        bench.store.overtake(id)
        await #expect(throws: ApprovalRefusal.notRecorded("store")) {
            try await bench.vote(on: id, by: "ines")
        }
        #expect(bench.approvals[id]?.votes.isEmpty == true)
        _ = try await bench.vote(.deny, on: id, by: "rui")
        check(await call.answer(), .refused(4031, "denied"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a grant that another process has changed is not used`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", [:], to: client, by: "ines")
        bench.store.overtake(id)
        check(await client.call("note"), .refused(4031, "not-granted"))
        #expect(bench.upstreams.sent.isEmpty && bench.store[id]?.state == "approved")
    }
}
