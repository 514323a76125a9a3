import InterlockClusterPeers
import InterlockModel
import Synchronization

@testable import InterlockCluster

/// Remembers what other nodes said, and answers as a test tells it.
final class RecordingListener: PeerListener {
    struct State {
        var heads: [NodeName: ChainHead] = [:]
        var clocks: Set<NodeName> = []
        var up: Set<NodeName> = []
        var changes: [(NodeName, Bool)] = []
        var halts: [Envelope] = []
        var delivered: [NodeName: [Int64: Bool]] = [:]
        var taken: [NodeName: [StoredEntry]] = [:]
        var failedFetches: [Int64] = []

        var rows: [StoredEntry] = []
        var verdict = WitnessVerdict.agreed
        var questions: [WitnessRequest] = []
        /// False for a node that takes no halt.
        var applies = true
        /// True while halts wait.
        var isStuck = false
    }

    let state = Mutex(State())

    func heard(_ head: ChainHead, from node: NodeName) { state.withLock { $0.heads[node] = head } }

    func heard(
        _ time: Timestamp, of node: NodeName, sent: ClockReading, received: ClockReading
    ) { state.withLock { _ = $0.clocks.insert(node) } }

    func changed(_ node: NodeName, isUp: Bool) {
        state.withLock {
            $0.changes.append((node, isUp))
            if isUp { $0.up.insert(node) } else { $0.up.remove(node) }
        }
    }

    func apply(_ halt: Envelope, from node: NodeName) async -> Bool {
        while state.withLock({ $0.isStuck }) { try? await Task.sleep(for: .milliseconds(5)) }
        return state.withLock {
            $0.halts.append(halt)
            return $0.applies
        }
    }

    func entries(after number: Int64) async -> [StoredEntry] {
        state.withLock { state in state.rows.filter { $0.number > number } }
    }

    func judge(_ request: WitnessRequest, from node: NodeName) async -> WitnessVerdict {
        state.withLock {
            $0.questions.append(request)
            return $0.verdict
        }
    }

    func take(_ entries: [StoredEntry], from node: NodeName) {
        state.withLock { $0.taken[node, default: []] += entries }
    }

    func fetchFailed(after number: Int64) { state.withLock { $0.failedFetches.append(number) } }

    func delivered(halt: Int64, to node: NodeName, isApplied: Bool) {
        state.withLock { $0.delivered[node, default: [:]][halt] = isApplied }
    }
}
