package import InterlockCluster
package import InterlockModel
import Synchronization

/// The permissions of the node now. The clock is read after the state, as `ClusterNode` asks for.
extension NodeService {
    /// Returns the reason why no call of a kind may begin now; nil if it may.
    package func refusal(of action: LeasedAction) -> ClusterNode.Refusal? {
        shared.withLock { $0.program.node.refusal(of: action, at: parts.clock.now) }
    }

    /// Returns the reason why nothing may be appended, taken or renewed at the store now; nil if it may be asked for.
    package func storeRefusal() -> ClusterNode.Refusal? {
        shared.withLock { $0.program.node.storeRefusal(at: parts.clock.now) }
    }

    /// Returns the reason why a call may not be sent by the entries that were applied, and by the halts that the chain
    /// lacks; nil if it may.
    package func refusal(of scope: CallScope) -> ScopeRefusal? {
        shared.withLock { $0.program.refusal(of: scope) }
    }

    /// Judges a gated call once more before it is sent.
    package func judge(_ use: GatedUse) -> GatedUse.Verdict {
        shared.withLock { $0.program.judge(use, at: parts.clock.boot) }
    }

    /// The halts in force: those of the chain, then those that it lacks.
    package var halts: [HaltOrder] {
        shared.withLock { shared in
            shared.program.node.state.halts.active
                + shared.program.halts.halts.values.map(\.accepted.order)
                .sorted { $0.id.text < $1.id.text }
        }
    }

    /// Returns the entry of a halt in force that the chain has; nil if it has none.
    package func entry(of halt: Envelope) -> ChainHead? {
        let node = shared.withLock { $0.program.node }
        guard let number = node.state.halts.number(of: node.hashing.sha256(halt.payload)),
            let digest = node.follower.digest(of: number)
        else { return nil }
        return ChainHead(number: number, digest: digest)
    }

    /// The chain as the node has applied it.
    package var follower: ChainFollower { shared.withLock { $0.program.node.follower } }

    /// The newest entry that was applied.
    package var head: ChainHead { shared.withLock { $0.program.head } }

    /// Returns the newest entry that was applied if this revision is in force at it; nil if another one is.
    ///
    /// - Parameter revision: nil for the files that the first node had without a sign-off.
    package func head(under revision: Digest?) -> ChainHead? {
        shared.withLock { shared in
            shared.program.node.state.revision == revision ? shared.program.head : nil
        }
    }

    /// The state after that entry.
    package var state: ChainState { shared.withLock { $0.program.node.state } }

    package var incarnation: Incarnation? {
        shared.withLock { $0.program.node.lifecycle.incarnation }
    }

    package var status: NodeLifecycle.Status {
        shared.withLock { $0.program.node.lifecycle.status }
    }
}
