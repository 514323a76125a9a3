import InterlockModel
import InterlockTrust

/// The readiness of each agent and of the organisation in memory: one check of each state.
struct ReadinessStub: ReadinessReader {
    var results: [ReadinessResult] = [
        ReadinessResult(
            .log, .ok, "cosigned 4 s ago", leaves: [Digest(words: (1, 2, 3, 4))]),
        ReadinessResult(
            .owner, .missing, "the policy names no owner", remedy: "interlock trust confirm clerk"),
        ReadinessResult(.controls, .unknown, "it is not known which controls have a gap"),
    ]

    func readiness(of agent: AgentName?, for stage: AutonomyStage?) async -> Readiness {
        Readiness(agent: agent, stage: stage, results: results)
    }
}
