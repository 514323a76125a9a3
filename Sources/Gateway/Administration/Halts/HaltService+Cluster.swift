import InterlockGovernor
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The halts of a cluster at one of its nodes (docs/specs/cluster.md, section 5).
extension HaltService {
    /// Checks that a release may be signed or accepted now: by the chain of the cluster, or by the orders of this node. A
    /// drill has an organisation of its own, and is of this node.
    func check(_ release: ReleaseOrder) throws(OrderRefusal) {
        if let cluster, release.org == org { return try cluster.check(release) }
        try state.withLock { state throws(OrderRefusal) in try state.book.check(release) }
    }

    /// Puts exactly these halts of the cluster in force, in addition to those that arrived at this node. What a new one
    /// stops is ended as for a halt that arrives here. The chain has their orders, and the log the entries, so they are
    /// neither stored nor recorded again.
    ///
    /// - Parameters:
    ///   - halts: those of the chain, and those that the chain lacks still.
    ///   - time: the time of the release by which others have ended, on all nodes the same: credentials of before are
    ///     invalid. Now, if it is nil.
    package func follow(_ halts: [HaltOrder], releasedAt time: Timestamp?) {
        let now = time ?? gateway.clock.wall
        let added = state.withLock { state in
            let before = state.shared
            let known = state.book.set.active
            state.shared = Dictionary(halts.map { ($0.id, $0) }) { first, _ in first }
            let gone = before.keys.filter { state.shared[$0] == nil && known[$0] == nil }
            if !gone.isEmpty { revokeRuns(of: gone, at: now) }
            // INVARIANT: swap first, walk the calls in flight after; see InFlightTable.
            gateway.halts.replace(with: state.inForce)
            return state.shared.keys.filter { before[$0] == nil && known[$0] == nil }
        }
        for halt in added { _ = cutAll(for: halt) }
    }

    /// Ends the halts that arrived at this node and that the chain has released. A release that this node has stored
    /// already changes nothing; one that cannot be stored leaves the halts in force here, and an alert says so.
    package func follow(release: ChainedRelease) async {
        await releasing.enter()
        defer { releasing.leave() }
        let now = gateway.clock.wall
        do throws(OrderRefusal) {
            if isTaken(release.envelope) { return }
            let accepted = try judge.release(release.envelope, .again(now))
            let isConcerned = state.withLock { state in
                accepted.order.halts.contains { state.book.set.active[$0] != nil }
            }
            guard isConcerned else { return }
            try await record(accepted, at: release.entry)
            try await store(accepted, at: now)
        } catch {
            gateway.raise(alarm: "kill.fault", subject: "a release of the cluster: \(error.code)")
        }
    }
}
