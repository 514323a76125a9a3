import InterlockEvals
import InterlockGovernor
package import InterlockModel
import InterlockPolicy

/// The result of evals by which an agent passes the change gate with its current fingerprint.
package struct PassingEval: Sendable, Hashable {
    package let fingerprint: Digest
    /// The digest of the result.
    package let result: Digest
}

extension ChangeGateService {
    /// Returns nil if no result that counts for the agent's current fingerprint passes. An exception does not pass.
    package func passing(_ agent: AgentName) -> PassingEval? {
        guard let (fingerprint, result) = registry.view.passing(agent, at: gatewayTime),
            let bytes = try? result.canonical()
        else { return nil }
        return PassingEval(fingerprint: fingerprint, result: registry.hashing.sha256(bytes))
    }
}

extension GateView {
    /// Prompt, skills and model are taken as those of the latest result.
    fileprivate func passing(
        _ agent: AgentName, at now: Timestamp
    ) -> (fingerprint: Digest, result: EvalResult)? {
        guard let entry = policy.agents[agent] else { return nil }
        let run = run(of: agent, entry.tier)
        guard fact(of: run, .measured, at: now) == .passed, let pair = pair(of: run, at: now)?.pair,
            let result = self.entry(of: pair, entry.tier)?.result
        else { return nil }
        return (pair.digest, result)
    }
}
