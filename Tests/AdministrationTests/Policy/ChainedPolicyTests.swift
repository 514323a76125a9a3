import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockGatewayBench

/// `policy.loaded` of a node that has joined a cluster (docs/specs/cluster.md, section 7).
@Suite(.requirement("R071")) struct ChainedPolicyTests {
    @Test func `the policy of a start is recorded again with its entry once the node has joined`()
        async throws
    {
        let shelf = try await Shelf()
        let first = try #require(shelf.bench.ledger.drafts(of: .policyLoaded).last)
        #expect(first.fields["ctl"] == nil)
        try await shelf.loading.record(shelf.started, at: FakeNode.entry(6))
        let records = shelf.bench.ledger.drafts(of: .policyLoaded)
        #expect(records.map { $0.fields["ctl"] } == [nil, FakeNode.entry(6).json])
        // The payload of each has a seal of its own.
        let second = try #require(records.last)
        for name in ["pol", "why", "by"] {
            #expect(second.fields[name] == first.fields[name], "\(name)")
        }
        #expect(second.plaintext("load") == first.plaintext("load"))
    }

    @Test func `a record that the log refuses is not there, and the caller is told`() async throws {
        let shelf = try await Shelf()
        shelf.bench.ledger.refuse(.policyLoaded)
        await #expect(throws: LedgerRefusal.self) {
            try await shelf.loading.record(shelf.started, at: FakeNode.entry(6))
        }
        #expect(shelf.bench.ledger.drafts(of: .policyLoaded).count == 1)
    }

    @Test func `a node that has not joined names no entry, and one that has names its newest`() {
        let joined = JoinedNode()
        #expect(joined.reference == nil)
        let node = FakeNode()
        joined.set(node)
        node.apply(3)
        #expect(joined.reference == FakeNode.entry(3))
    }
}
