package import InterlockCluster
package import InterlockModel
import Synchronization

/// The messages and questions of other nodes.
extension NodeService: PeerListener {
    private static let witnessStep = Duration.milliseconds(10)
    private static let witnessSteps = 50

    package func heard(_ head: ChainHead, from node: NodeName) { post(.peer(node, head)) }

    package func heard(
        _ time: Timestamp, of node: NodeName, sent: ClockReading, received: ClockReading
    ) { post(.peerTime(node, time, sent: sent.boot, received: received.boot)) }

    package func changed(_ node: NodeName, isUp: Bool) {
        notify(.peer(node, isUp: isUp))
    }

    package func apply(_ halt: Envelope, from node: NodeName) async -> Bool {
        do throws(OrderRefusal) {
            try self.halt(halt, from: node)
            return true
        } catch { return false }
    }

    package func entries(after number: Int64) async -> [StoredEntry] {
        (try? await parts.copy.entries(after: number)) ?? []
    }

    package func judge(_ request: WitnessRequest, from node: NodeName) async -> WitnessVerdict {
        var judged = verdict(of: request)
        // The use is the one entry that this node lacks: it is applied first, so that the node knows it.
        if judged.next {
            post(.rows([request.use]))
            for _ in 0..<Self.witnessSteps where head.number < request.use.number {
                try? await Task.sleep(for: Self.witnessStep)
            }
            judged = verdict(of: request)
        }
        if case .otherChain(let head) = judged.verdict {
            notify(.otherChain(node, head))
        }
        return judged.verdict
    }

    private func verdict(of request: WitnessRequest) -> (verdict: WitnessVerdict, next: Bool) {
        let follower = shared.withLock { $0.program.node.follower }
        // A node that does not believe its own chain agrees with none.
        guard follower.status == .following else { return (.behind(follower.head), false) }
        return WitnessVerdict.judge(request, by: follower)
    }

    package func take(_ entries: [StoredEntry], from node: NodeName) { post(.rows(entries)) }

    /// The next heartbeat names the head again.
    package func fetchFailed(after number: Int64) {}

    package func delivered(halt: Int64, to node: NodeName, isApplied: Bool) {
        post(.delivered(halt, to: node, isApplied: isApplied))
    }
}
