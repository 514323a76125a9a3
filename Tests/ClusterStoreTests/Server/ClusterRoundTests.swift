import InterlockCluster
import InterlockCredentials
import InterlockJSON
import InterlockLimits
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockClusterStore

/// Three nodes at a real store: what they write comes back so that a node which follows the chain accepts it.
@Suite(
    .serialized, .enabled(if: TestServer.isInstalled || TestFiles.isCI, "PostgreSQL 15 is missing"))
struct ClusterRoundTests {
    private let agent = AgentName("refunds").unwrapped
    private let stopped = AgentName("stopped").unwrapped

    private func withCluster(_ body: (StoreCluster) async throws -> Void) async throws {
        let cluster = try #require(try await StoreCluster())
        defer { cluster.stop() }
        try await body(cluster)
    }

    private func refusal(
        _ call: () async throws(ClusterCallFailure) -> Void
    ) async -> StoreRefusal? {
        let failure: ClusterCallFailure? = await thrown(call)
        return failure?.refusal
    }

    private func applied(_ actions: [ChainFollower.Action]) -> Int {
        actions.count { if case .applied(_, .changed) = $0 { true } else { false } }
    }

    @Test(.requirement("R091"))
    func `nodes join, send heartbeats, halt, take units and claim runs`() async throws {
        try await withCluster { cluster in
            let (one, two) = (cluster.nodes[0], cluster.nodes[1])
            #expect(cluster.nodes.map(\.incarnation) == [.first, .first, .first])
            let rows = try await two.store.entries(after: -1)
            #expect(rows.map(\.number) == [0, 1, 2])
            var follower = try StoreOrganisation.follower(rows[0])
            #expect(
                applied(follower.receive(Array(rows.dropFirst()), verifier: StoreVerifier())) == 2)
            #expect(follower.isSound && follower.head == cluster.head)
            #expect(follower.state.admitted.count == 3)

            // A halt is one entry, however often and by whom it is appended.
            let halt = try StoreOrganisation.halt(9, .agent(stopped))
            #expect(try await one.store.append(halt, in: .first) == 3)
            #expect(try await one.store.append(halt, in: .first) == 3)
            let beat = try await cluster.beat(1)
            #expect(beat.head.number == 3 && beat.isOpen && beat.isRestored && !beat.hasStandby)
            #expect(beat.nodes == nil && beat.faults == [] && beat.tasks == [])
            let next = try await two.store.entries(after: 2)
            #expect(applied(follower.receive(next, verifier: StoreVerifier())) == 1)
            #expect(follower.head == beat.head && follower.state.halts.epoch == 3)

            // Units of one limit for two nodes, and what a third lacks.
            let key = UnitKey(agent, LimitWindow(limit: "calls", seconds: 60))
            let now = StoreCluster.now
            func take(_ node: StoreCluster.Node, _ number: Int64, _ want: Int64) -> UnitTake {
                UnitTake(
                    id: UnitLeaseID(node.store.node, node.incarnation, number), key: key, most: 10,
                    want: want, until: now + .seconds(30), now: now)
            }
            let first = take(one, 1, 7)
            #expect(
                try await one.store.take([first])
                    == [first.id: UnitGrant(units: 7, free: 3, asking: 1)])
            let second = take(two, 1, 7)
            #expect(
                try await two.store.take([second])
                    == [second.id: UnitGrant(units: 3, free: 0, asking: 2)])
            try await cluster.beat(2, starved: [key])
            #expect(try await cluster.beat(0).starved == [key])
            let report = UnitReport(
                id: first.id, used: 2, returned: 0, isEnded: true, at: now, now: now)
            #expect(try await one.store.report(report))
            let none = UnitReport(
                id: UnitLeaseID(one.store.node, .first, 5), used: 1, returned: 0, isEnded: true,
                at: now, now: now)
            #expect(try await one.store.report(none) == false)

            // A run is served by the first node that claims it.
            func claim(_ node: StoreCluster.Node) -> RunClaim {
                RunClaim(
                    run: StoreOrganisation.run(1), agent: agent, node: node.store.node,
                    incarnation: .first, number: 1)
            }
            let assignment = RunAssignment(
                term: 1, home: one.store.node, origin: .new, level: .clean, calls: 0, reserved: 64)
            #expect(try await one.store.claim(claim(one)) == .assigned(assignment))
            #expect(try await two.store.claim(claim(two)) == .serves(one.store.node))

            // Nothing is done for an incarnation that is not live.
            let gone = Incarnation(9).unwrapped
            #expect(
                await refusal { () async throws(ClusterCallFailure) in
                    _ = try await one.store.append(halt, in: gone)
                } == .expelled)
        }
    }

    @Test func `tasks go from node to node, and the watcher expels who is silent`() async throws {
        try await withCluster { cluster in
            let (one, two) = (cluster.nodes[0], cluster.nodes[1])
            let own = try await one.store.take(.watch, after: nil, beat: 1, in: .first)
            #expect(own == TaskRow(task: .watch, node: one.store.node, term: 1, beat: 1))
            #expect(try await two.store.take(.watch, after: nil, beat: 1, in: .first) == nil)
            #expect(try await one.store.keep(.watch, term: 1, beat: 2, in: .first))
            #expect(try await two.store.keep(.watch, term: 1, beat: 2, in: .first) == false)
            let beat = try await cluster.beat(0)
            #expect(beat.tasks == [TaskRow(task: .watch, node: one.store.node, term: 1, beat: 2)])
            let watched = try #require(beat.watched)
            #expect(watched.map(\.node.text) == ["gw1", "gw2", "gw3"])
            let row = watched[1]
            let change = NarrowingChange.expelled(row.node, row.incarnation)
            let draft = try StoreOrganisation.draft(change)
            func expel(_ beat: Int64) async throws -> Bool {
                var detector = SilentNodeDetector(.standard)
                let silent = SilentNodeDetector.Row(
                    node: row.node, incarnation: row.incarnation, beat: beat, isGone: false)
                _ = detector.look(at: [silent], BootTime(microseconds: 0))
                var found: [SilentNodeDetector.Silent] = []
                for half in 1...13 {
                    found = detector.look(
                        at: [silent], BootTime(microseconds: Int64(half) * 500_000))
                }
                return try await one.store.expel(
                    try #require(found.first), term: 1, draft, in: .first)
            }
            #expect(try await expel(row.beat - 1) == false, "it has sent a heartbeat since")
            #expect(try await expel(row.beat))
            #expect(try await expel(row.beat), "repeated")
            #expect(
                await refusal { () async throws(ClusterCallFailure) in
                    _ = try await two.store.openGeneration(in: .first)
                } == .expelled)
            #expect(try await cluster.beat(0).watched?.map(\.isGone) == [false, true, false])
            try await cluster.startAgain(1)
            #expect(cluster.nodes[1].incarnation == Incarnation(3))
        }
    }

    /// A result of one of the nodes that race.
    private func race<Value: Sendable>(
        _ nodes: [StoreCluster.Node],
        _ call: @escaping @Sendable (ClusterStore, Int) async throws -> Value
    ) async -> [Result<Value, any Error>] {
        await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
            for (place, node) in nodes.enumerated() {
                let store = node.store
                group.addTask {
                    do { return (place, .success(try await call(store, place))) } catch {
                        return (place, .failure(error))
                    }
                }
            }
            var results: [Int: Result<Value, any Error>] = [:]
            for await (place, result) in group { results[place] = result }
            return nodes.indices.compactMap { results[$0] }
        }
    }

    /// Returns the place of the only node that was first; the others are refused.
    private func winner<Value>(_ results: [Result<Value, any Error>]) throws -> Int {
        var winners: [Int] = []
        for (place, result) in results.enumerated() {
            switch result {
            case .success: winners.append(place)
            case .failure(let error):
                #expect((error as? ClusterCallFailure)?.refusal == .closed, "\(error)")
            }
        }
        #expect(winners.count == 1)
        return try #require(winners.first)
    }

    @Test(.requirement("R091"))
    func `of three nodes that race, one stores the vote and one uses the grant, 100 times`()
        async throws
    {
        try await withCluster { cluster in
            let ends = StoreCluster.now + .seconds(3600)
            var follower = try StoreOrganisation.follower(
                try #require(try await cluster.nodes[0].store.entries(after: -1).first))
            let digest = OpenSSLHashing().sha256([1])
            var uses: [(use: GrantUse, node: NodeName)] = []
            for round in 0..<100 {
                let request = StoreOrganisation.request(round)
                let asker = cluster.nodes[round % 3].store
                let draft = RequestDraft(
                    request: request, agent: agent, run: StoreOrganisation.run(1), uses: 1,
                    ends: ends, body: Array("request \(round)".utf8), takes: [])
                #expect(try await asker.ask(draft, in: .first) == [:])
                let asked = RequestVersion(request, revision: 1, version: 1)
                let votes = await race(cluster.nodes) { store, place in
                    let vote = StoredVote(
                        of: asked, isLast: true, person: StoreOrganisation.people[0].pseudonym,
                        nonce: SpentNonce(ExactText("vote \(round) \(place)"), ends: ends),
                        attempt: "1",
                        proof: Array("vote \(round) \(place)".utf8), origin: "log",
                        leaf: Int64(place))
                    return try await store.vote(vote, in: .first)
                }
                let approved = try votes[try winner(votes)].get()
                #expect(approved == RequestVersion(request, revision: 1, version: 2))

                let use = GrantUse(request: request, number: 1, call: digest, intent: digest)
                let known = follower.head.number
                let call = {
                    @Sendable (store: ClusterStore, place: Int) async throws -> UseAnswer in
                    let draft = try StoreOrganisation.draft(.use(use), by: place + 1)
                    let nonce = SpentNonce(ExactText("use \(round) \(place)"), ends: ends)
                    return try await store.use(
                        approved, use, draft, nonce: nonce, known: known, in: .first)
                }
                let answers = await race(cluster.nodes, call)
                let first = try winner(answers)
                let answer = try answers[first].get()
                _ = follower.receive(answer.entries, verifier: StoreVerifier())
                #expect(follower.isSound && follower.head == answer.entry)
                let node = StoreOrganisation.name(first + 1)
                let requests = follower.state.requests
                #expect(requests.entry(of: use, by: node) == answer.entry?.number)
                uses.append((use, node))
                // The same use again gets the same answer, and still none of the others does.
                #expect(try await call(cluster.nodes[first].store, first) == answer)
                let again = await race(cluster.nodes, call)
                #expect(try winner(again) == first)
            }
            let all = try await cluster.nodes[0].store.entries(after: -1)
            #expect(all.count { $0.kind == "use" } == 100)
            var reader = try StoreOrganisation.follower(all[0])
            _ = reader.receive(Array(all.dropFirst()), verifier: StoreVerifier())
            #expect(reader.isSound && reader.head == follower.head)
            #expect(
                uses.allSatisfy { reader.state.requests.entry(of: $0.use, by: $0.node) != nil })
        }
    }

    @Test func `a request that ends is one entry, and its grant is used no more`() async throws {
        try await withCluster { cluster in
            let store = cluster.nodes[1].store
            let request = StoreOrganisation.request(1)
            let ends = StoreCluster.now + .seconds(3600)
            let draft = RequestDraft(
                request: request, agent: agent, run: StoreOrganisation.run(1), uses: 2, ends: ends,
                body: [1], takes: [])
            let before = try await cluster.beat(1)
            _ = try await store.ask(draft, in: .first)
            let asked = RequestVersion(request, revision: 1, version: 1)
            let revised = try await store.revise(
                asked, isAnew: true, ends: ends, body: [2], in: .first)
            #expect(revised == RequestVersion(request, revision: 2, version: 2))
            let end = try StoreOrganisation.draft(.end(request), by: 2)
            let number = try await store.finish(revised, .denied, end, in: .first)
            #expect(try await store.finish(revised, .denied, end, in: .first) == number)
            let beat = try await cluster.beat(1, horizon: before.horizon)
            #expect(
                beat.requests == [
                    RequestChange(
                        request: RequestVersion(request, revision: 2, version: 3),
                        status: .denied)
                ])
            let digest = OpenSSLHashing().sha256([1])
            let use = GrantUse(request: request, number: 1, call: digest, intent: digest)
            let entry = try StoreOrganisation.draft(.use(use), by: 2)
            #expect(
                await refusal { () async throws(ClusterCallFailure) in
                    _ = try await store.use(
                        beat.requests[0].request, use, entry,
                        nonce: SpentNonce("n", ends: ends), known: 0, in: .first)
                } == .closed)
        }
    }

    @Test func `a call that the server ends is unknown, and the next one has another connection`()
        async throws
    {
        try await withCluster { cluster in
            let pool = cluster.nodes[0].pool
            for _ in 0..<4 {
                await #expect(throws: StoreCallFailure.self) {
                    _ = try await pool.run("SELECT pg_terminate_backend(pg_backend_pid())", [])
                }
            }
            let rows = try await pool.run("SELECT 1", [])
            #expect(rows == [[.text("1")]])
            #expect(try await cluster.beat(0).isOpen)
        }
    }

    /// Returns the failure of a statement that was sent.
    private func sent(_ pool: StorePool, _ statement: String) async -> StoreCallFailure? {
        for _ in 0..<100 {
            do throws(StoreCallFailure) {
                _ = try await pool.run(statement, [])
                return nil
            } catch {
                // The connection is not made yet.
                if case .busy = error { continue }
                return error
            }
        }
        return .busy("never sent")
    }

    @Test func `a call that is not answered in time is unknown, and nothing waits for it`()
        async throws
    {
        try await withCluster { cluster in
            var settings = PoolSettings()
            settings.connections = 1
            settings.deadline = .seconds(5)
            let pool = StorePool(settings, parameters: cluster.parameters(1))
            defer { pool.close() }
            #expect(await sent(pool, "SELECT 1") == nil)
            let process = try await pool.run("SELECT pg_backend_pid()", [])
            let clock = ContinuousClock()
            let begun = clock.now
            let failure = await sent(pool, "SELECT pg_sleep(600)")
            guard case .unknown = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(clock.now - begun < .seconds(200))
            #expect(await sent(pool, "SELECT 1") == nil)
            let next = try await pool.run("SELECT pg_backend_pid()", [])
            #expect(next != process)
        }
    }
}
