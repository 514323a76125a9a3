import InterlockModel
import InterlockPorts
import Synchronization

/// The halts of a cluster whose chain takes everything at once.
final class FakeClusterHalts: ClusterHalts {
    private struct State {
        var shared: [Envelope] = []
        var chained: [Envelope: ChainReference] = [:]
        var released: [ChainedRelease] = []
    }
    private let state = Mutex(State())

    /// The halts that the node gave to all nodes.
    var shared: [Envelope] { state.withLock { $0.shared } }
    var released: [ChainedRelease] { state.withLock { $0.released } }
    var epoch: Int64 { 0 }

    /// The chain has a halt before it comes to the node.
    func chain(_ halt: Envelope, at entry: ChainReference) {
        state.withLock { $0.chained[halt] = entry }
    }

    func catchUp() async {}

    func share(_ halt: Envelope) { state.withLock { $0.shared.append(halt) } }

    func check(_ release: ReleaseOrder) throws(OrderRefusal) {}

    func release(
        _ release: ReleaseOrder, _ envelope: Envelope
    ) async throws(OrderRefusal) -> ChainReference {
        state.withLock { state in
            let entry = FakeNode.entry(20 + Int64(state.released.count))
            state.released.append(ChainedRelease(envelope: envelope, entry: entry))
            return entry
        }
    }

    func entry(of halt: Envelope) -> ChainReference? { state.withLock { $0.chained[halt] } }
}
