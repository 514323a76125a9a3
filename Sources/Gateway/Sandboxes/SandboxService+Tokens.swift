import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension SandboxService {
    /// Issues the token of a run's supervisor. It counts no longer than the run, whose end revokes it.
    ///
    /// - Returns: nil if there is no issuer.
    func issueToken(
        for run: RunContext, purpose: String?, _ task: RunTaskName?
    ) -> IssuedToken? {
        let order = TokenOrder(
            agent: run.agent, run: run.run, purpose: purpose, onBehalfOf: nil, task: task,
            lifetime: TokenLife.bounds.upperBound)
        return try? issuer?.issue(order, now: gateway.clock.wall)
    }

    /// Returns the task that the purpose of the run names, or nil for another purpose and for none.
    func task(
        of request: SandboxRequest, _ policy: PolicySnapshot
    ) throws(SandboxRefusal) -> RunTaskName? {
        do throws(UnknownTask) {
            return try policy.task(of: request.purpose, for: request.agent)
        } catch { throw .unknownTask(error) }
    }

    /// Lets calls with the token count as sandboxed, if the run has every layer of isolation `full`. A weaker one never
    /// counts, whatever minimum its policy states: `minimum` says that a run may start, not that it is isolated.
    func attest(_ run: RunID, _ request: SandboxRequest, by token: IssuedToken) {
        guard request.hasAllNamespaces else { return }
        gateway.attested.add(
            run, token: token.id, isolation: .full, hasLandlock: request.hasLandlock)
        gateway.attested.note(
            request.agent, at: gateway.clock.wall, hasLandlock: request.hasLandlock)
    }
}
