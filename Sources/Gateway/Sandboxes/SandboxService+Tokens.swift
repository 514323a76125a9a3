import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension SandboxService {
    /// Issues the token of a run's supervisor. It counts no longer than the run, whose end revokes it.
    ///
    /// - Returns: nil if there is no issuer.
    func issueToken(for run: RunContext, purpose: String?) -> IssuedToken? {
        let order = TokenOrder(
            agent: run.agent, run: run.run, purpose: purpose, onBehalfOf: nil,
            lifetime: TokenLife.bounds.upperBound)
        return try? issuer?.issue(order, now: gateway.clock.wall)
    }

    /// Lets calls with the token count as sandboxed.
    func attest(_ run: RunID, _ request: SandboxRequest, by token: IssuedToken) {
        guard let isolation = SandboxIsolation(rawValue: request.isolation) else { return }
        gateway.attested.add(
            run, token: token.id, isolation: isolation, hasLandlock: request.landlock > 0)
    }
}
