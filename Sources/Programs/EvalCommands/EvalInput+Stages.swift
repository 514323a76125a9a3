import InterlockModel
import InterlockPolicy

extension EvalInput {
    /// One line about an agent whose cases are judged above the stage at which a gateway serves it without a trust record,
    /// or nil if the stages are the same.
    func stageNote(of agent: AgentName) -> String? {
        guard let entry = policy.agents[agent] else { return nil }
        let stated = entry.terms(.asWritten).stage
        let served = entry.terms(AgentTerms.Trust.none).stage
        guard stated != served else { return nil }
        return
            "note: cases of `\(agent)` are judged at stage \(stated.rawValue) of the policy file; "
            + "a gateway serves it at stage \(served.rawValue) until its trust record says more"
    }
}
