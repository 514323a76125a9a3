import InterlockApprovals
import InterlockGovernor
package import InterlockModel
import InterlockPorts
import Synchronization

extension ApprovalService {
    /// Voids every open request that a halt covers. Waiting calls end at once; the change of the requests is recorded
    /// after that.
    package func voidHalted(
        by halts: HaltSet, owners: @escaping @Sendable (AgentName) -> Pseudonym?
    ) {
        @Sendable func isHalted(_ call: CanonicalCall) -> Bool {
            halts.match(
                agent: call.agent, owner: owners(call.agent), server: call.address.server,
                tool: call.address, run: call.run) != nil
        }
        Task { await endProbes(.halted, where: isHalted) }
        let covered = live.filter { isHalted($0.review.call) }
        guard !covered.isEmpty else { return }
        let waiters = state.withLock { state in
            covered.flatMap { state.waiters.removeValue(forKey: $0.id) ?? [] }
        }
        for waiter in waiters { waiter.end(.cancelled(.halt)) }
        Task {
            for request in covered { _ = await change(request.id, .void(.halted)) }
        }
    }

    /// Voids every open request about a tool whose definition is not the one that was shown.
    package func voidDrifted(_ hasDrifted: @Sendable (ToolAddress) -> Bool) async {
        await endProbes(.pinChanged) { hasDrifted($0.address) }
        for request in live where hasDrifted(request.review.call.address) {
            _ = await change(request.id, .void(.pinChanged))
        }
    }
}
