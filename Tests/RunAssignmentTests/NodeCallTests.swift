import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A node of a cluster that permits what a test says.
private final class ScriptedNode: NodePermission {
    struct State {
        var actions: [NodeAction: NodeRefusal] = [:]
        /// The refusals of the next questions about calls; nil for one that is permitted.
        var calls: [NodeRefusal?] = []
        var asked: [NodeCall] = []
    }
    let state = Mutex(State())

    func refusal(of action: NodeAction) -> NodeRefusal? { state.withLock { $0.actions[action] } }

    func refusal(of call: NodeCall) -> NodeRefusal? {
        state.withLock { state in
            state.asked.append(call)
            return state.calls.isEmpty ? nil : state.calls.removeFirst()
        }
    }

    func refusal(of call: NodeCall, using use: ApprovalUseEntry) -> NodeRefusal? { nil }

    var reference: ChainReference {
        ChainReference(
            number: 0, digest: Digest(bytes: [UInt8](repeating: 9, count: 32)).unwrapped)
    }

    func reference(under policy: Digest) -> ChainReference? { reference }
}

/// Calls on a node of a cluster: by its lease, its chain and its membership.
@Suite(.requirement("R091")) struct NodeCallTests {
    private let node = ScriptedNode()

    /// The refusals with the code, reason and rule that agents get.
    private static let refusals: [(NodeRefusal, Int, String)] = [
        (.lease, 4030, "unavailable"), (.clock, 4030, "unavailable"),
        (.membership, 4030, "unavailable"), (.behind, 4030, "unavailable"),
        (.chain, 4030, "unavailable"), (.use, 4031, "not-granted"),
        (.runEnded, 4030, "revoked"), (.credentialEnded, 4030, "revoked"),
        (.runPaused, 4290, "breaker-agent"), (.quarantined, 4030, "quarantined"),
        (.otherRevision, 4030, "revision"),
    ]

    @Test(arguments: 0..<11)
    func `a call that the node does not permit is recorded and has no intent`(_ number: Int)
        async throws
    {
        let (refusal, code, reason) = Self.refusals[number]
        let bench = try Bench(stage: 3, node: node)
        let client = try await Client.open(bench)
        node.state.withLock { $0.calls = [refusal] }
        check(await client.call("look"), .refused(code, reason))
        #expect(bench.upstreams.sent.isEmpty && bench.ledger.drafts(of: .callIntent).isEmpty)
        #expect(bench.ledger.drafts(of: .callDenied).count == 1)
        check(await client.call("look"), .text("done"))
    }

    @Test func `what changes while the intent is written closes it`() async throws {
        let bench = try Bench(stage: 3, node: node)
        let client = try await Client.open(bench)
        node.state.withLock { $0.calls = [nil, .lease] }
        check(await client.call("look"), .refused(4030, "unavailable"))
        #expect(bench.upstreams.sent.isEmpty && bench.ledger.drafts(of: .callIntent).count == 1)
        let denied = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denied.fields["intent"] != nil && denied.fields["rule"] == "node-lease")
    }

    @Test func `a halt of another node refuses as one of this node`() async throws {
        let bench = try Bench(stage: 3, node: node)
        let client = try await Client.open(bench)
        node.state.withLock { $0.calls = [.halted(OrderID(milliseconds: 1, random: .zeros))] }
        check(await client.call("look"), .refused(4230, "halted"))
    }

    @Test func `a node that may not even read serves nothing`() async throws {
        let bench = try Bench(stage: 3, node: node)
        node.state.withLock { $0.actions = [.read: .membership] }
        check(await Client.sessionless(bench).call("look"), .error(4030))
        #expect(bench.gateway.sessions.count == 0)
        let record = try #require(bench.ledger.drafts(of: .callDenied).first)
        #expect(record.fields["rule"] == "node-membership")
    }

    @Test func `the node is asked with the class of the call and its revision`() async throws {
        let bench = try Bench(stage: 3, node: node)
        let client = try await Client.open(bench)
        check(await client.call("look"), .text("done"))
        let asked = try #require(node.state.withLock { $0.asked.first })
        #expect(asked.agent.text == "clerk" && asked.owner != nil)
        #expect(asked.tool.wireName == "desk__look" && asked.revision == bench.policy.digest)
        // The agent is of tier medium, so its reads are no less than other calls.
        #expect(asked.action == .consequential)
    }

    @Test func `a use that is no entry of the chain is not sent, and stays used`() async throws {
        let bench = try Bench(node: node)
        let client = try await Client.open(bench)
        _ = try await bench.grant("pay", [:], to: client, by: "ines", "paul")
        check(await client.call("pay"), .refused(4031, "not-granted"))
        #expect(bench.upstreams.sent.isEmpty)
        #expect(bench.ledger.drafts(of: .approvalUsed).count == 1)
    }
}

extension [UInt8] {
    fileprivate static var zeros: [UInt8] { Array(repeating: 0, count: 10) }
}
