import InterlockEvals
import InterlockGovernor
package import InterlockModel
import InterlockPolicy

extension ChangeGateService {
    /// Returns the digest of the result by which evals of the agent's current fingerprint fail; nil if they do not. An
    /// exception that lets it work all the same changes nothing here.
    package func regression(of agent: AgentName) -> Digest? {
        registry.view.failure(of: agent, at: gatewayTime).flatMap { result in
            (try? result.canonical()).map { registry.hashing.sha256($0) }
        }
    }
}

extension GateView {
    /// The failed result that counts for the agent, whose prompt, skills and model are taken as those of its latest result.
    fileprivate func failure(of agent: AgentName, at now: Timestamp) -> EvalResult? {
        guard let entry = policy.agents[agent] else { return nil }
        let run = run(of: agent, entry.tier)
        guard fact(of: run, .measured, at: now) == .failed, let pair = pair(of: run, at: now)?.pair
        else { return nil }
        return self.entry(of: pair, entry.tier)?.result
    }
}
