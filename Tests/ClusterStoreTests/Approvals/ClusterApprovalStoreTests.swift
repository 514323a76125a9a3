import InterlockCluster
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockClusterStore

/// Approvals at a store whose rows its owner edits, and calls whose answer is lost.
@Suite(.serialized) struct ClusterApprovalStoreTests {
    private func ask(
        _ number: Int, in store: ClusterApprovalStore, quorum: Int = 2, run: Int = 1
    ) async throws -> ApprovalSample {
        var sample = try ApprovalSample(number, quorum: quorum, run: run)
        let (row, body) = try await sample.make(.ask, in: store)
        try #require(try await store.write(.ask, to: row, body: body) == .done)
        return sample
    }

    @Test(
        .enabled(if: TestServer.isInstalled || TestFiles.isCI, "PostgreSQL 15 is missing"))
    func `a row that does not verify is void and named, and keeps no other from being read`()
        async throws
    {
        let cluster = try #require(try await StoreCluster())
        defer { cluster.stop() }
        let nodes = try await ApprovalNodes(cluster)
        let (writer, reader) = (nodes.stores[0], nodes.stores[1])
        var samples: [ApprovalSample] = []
        for number in 1...4 { samples.append(try await ask(number, in: writer)) }
        // The reader remembers the newer row.
        _ = try await reader.rows(refusedSince: ApprovalSample.start)
        #expect(nodes.alerts.all == [])
        let edits = [
            "agent = 'payouts'", "state = 'approved'",
            "body = set_byte(body, 40, get_byte(body, 40) # 1)",
        ]
        for (place, edit) in edits.enumerated() {
            try cluster.edit(
                "UPDATE il.approval SET \(edit) WHERE id = $1",
                [.text(ApprovalSample.id(place + 1).text)])
        }
        let rows = try await reader.rows(refusedSince: ApprovalSample.start)
        #expect(rows.open.map(\.version) == [1])
        #expect(Set(rows.unreadable) == Set((1...3).map { ApprovalSample.id($0).text }))
        #expect(nodes.alerts.all.count == 3)
        for number in 1...3 {
            let name = "cluster.row_void: row void: approval \(ApprovalSample.id(number).text)"
            #expect(nodes.alerts.all.contains { $0.hasPrefix(name) }, "\(nodes.alerts.all)")
        }
        #expect(try await reader.row(of: ApprovalSample.id(4))?.version == 1)
        #expect(try await reader.row(of: ApprovalSample.id(5))?.version == nil)
        // Nothing builds on such a row.
        await #expect(throws: StoreFailure.self) {
            try await reader.version(of: ApprovalSample.id(1))
        }
        let second = nodes.stores[2]
        let (row, body) = try await samples[1].make(.use, in: second)
        await #expect(throws: StoreFailure.self) {
            try await second.write(.use, to: row, body: body)
        }
        // The requests of runs that were erased are not deleted yet, which is said.
        try await writer.removeRequests(of: Erasure(runs: [ApprovalSample.run(2)]))
        await #expect(throws: StoreFailure.self) {
            try await writer.removeRequests(of: Erasure(runs: [ApprovalSample.run(1)]))
        }
    }

    private static let failures: [(StoreCallFailure, ApprovalWrite?)] = [
        (.unknown("late"), nil), (.noStandby("one machine"), nil),
        (.closed("changed"), .superseded),
    ]

    @Test(arguments: failures.indices)
    func `a call whose answer is lost is repeated with the same bytes, one that was refused is not`(
        _ index: Int
    ) async throws {
        let (failure, expected) = Self.failures[index]
        let caller = CannedCaller(failure)
        let store = ClusterStore(StoreOrganisation.name(1), caller)
        let first = try StoreOrganisation.genesis().stored(after: nil, hashing: OpenSSLHashing())
        let chain = TestChain(try StoreOrganisation.follower(first), store, .first)
        let approvals = ApprovalNodes.approvals(of: 1, store, chain) { _, _ in }
        var sample = try ApprovalSample(1)
        let (row, body) = try await sample.make(.ask, in: approvals)
        for _ in 0..<2 {
            let written = try? await approvals.write(.ask, to: row, body: body)
            #expect(written == expected)
        }
        let sent = caller.sent
        #expect(sent.count == 2)
        let isUnknown = if case .unknown = failure { true } else { false }
        #expect((Set(sent).count == 1) == isUnknown, "each draft has a nonce of its own")
    }

    @Test(
        .requirement("R071"),
        .enabled(if: TestServer.isInstalled || TestFiles.isCI, "PostgreSQL 15 is missing"))
    func `a use returns its entry, once, and the logs of the votes of other nodes`() async throws {
        let cluster = try #require(try await StoreCluster())
        defer { cluster.stop() }
        let nodes = try await ApprovalNodes(cluster)
        let (one, two) = (nodes.stores[0], nodes.stores[1])
        var sample = try await ask(1, in: one)
        for (store, isLast) in [(two, false), (one, true)] {
            let change = ApprovalChange.vote(isLast: isLast)
            let (row, body) = try await sample.make(change, in: store)
            try #require(try await store.write(change, to: row, body: body) == .done)
        }
        let (row, body) = try await sample.make(.use, in: one)
        let use = try #require(ApprovalUse(of: body))
        #expect(one.entry(ofUse: use.intent) == nil, "not used yet")
        try #require(try await one.write(.use, to: row, body: body) == .done)
        let used = try #require(one.entry(ofUse: use.intent))
        let chain = try await cluster.nodes[0].store.entries(after: -1)
        #expect(chain.last?.kind == "use")
        #expect(chain.last?.number == used.entry.number && chain.last?.digest == used.entry.digest)
        #expect(used.use == use && used.number == 1 && used.request == ApprovalSample.id(1))
        let votes = (body["votes"]?.array ?? []).compactMap {
            $0.string.flatMap { Digest(base64: $0) }
        }
        #expect(used.origins == [votes[0]: ExactText("acme.example/gw2/1")])
        #expect(one.entry(ofUse: use.intent) == nil, "it was asked for")
        #expect(two.entry(ofUse: use.intent) == nil, "another node has not used it")
    }

    @Test func `a client's consent is not stored`() async throws {
        var object = try #require(try ApprovalSample(1).body()["request"]?.object)
        object["consent"] = 1
        #expect(throws: FormError.self) {
            try ApprovalBody(["request": .object(object), "votes": [], "at": 1])
        }
    }
}
