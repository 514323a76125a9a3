import InterlockEvals
import InterlockGovernor
package import InterlockModel
import InterlockPolicy

extension ChangeGateService {
    /// Returns the digest of the result by which evals of the agent's current fingerprint fail; nil if they do not. An
    /// exception that lets it work all the same changes nothing here, and an invalid run says nothing bad of the agent.
    package func regression(of agent: AgentName) -> Digest? {
        guard let result = registry.view.failure(of: agent, at: gatewayTime),
            result.verdict == .fail
        else { return nil }
        return (try? result.canonical()).map { registry.hashing.sha256($0) }
    }

    /// True if the result that counts for the agent's current fingerprint did not pass, or its run is invalid.
    package func isFailing(_ agent: AgentName) -> Bool {
        registry.view.failure(of: agent, at: gatewayTime) != nil
    }
}

extension GateView {
    /// The result that counts for the agent and did not pass. Prompt, skills and model are taken as those of its latest
    /// result.
    fileprivate func failure(of agent: AgentName, at now: Timestamp) -> EvalResult? {
        guard let entry = policy.agents[agent] else { return nil }
        let run = run(of: agent, entry.tier)
        guard fact(of: run, .measured, at: now) == .failed, let pair = pair(of: run, at: now)?.pair
        else { return nil }
        return self.entry(of: pair, entry.tier)?.result
    }
}
