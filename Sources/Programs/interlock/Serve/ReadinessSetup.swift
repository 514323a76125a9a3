import InterlockAdministration
import InterlockChangeGate
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockReadiness
import InterlockTrust

extension NodeParts {
    func readiness(
        _ gateway: Gateway, _ evals: ChangeGateService, _ drills: DrillService
    ) -> ReadinessService {
        ReadinessService(
            gateway: gateway,
            sources: ReadinessSources(
                owner: { _ in .unknown("it is not known whether the owner confirmed it") },
                eval: { ReadinessAnswer(gate: evals.status(of: $0)) },
                sandbox: { _ in .unknown("it is not known whether a run was attested") },
                controls: { _ in .unknown("it is not known which controls have a gap") },
                incidents: { _ in .unknown("it is not known which incidents are open") },
                drill: { drills.status }, reviews: UnknownStandings(),
                selfTests: UnknownStandings()))
    }
}

/// The readers of a gateway that knows neither reviews nor self-tests.
private struct UnknownStandings: ReviewStatusReader, SelfTestStatusReader {
    func reviewStatus(of agent: AgentName?) -> ReviewStatus? { nil }
    func selfTestStatus() -> SelfTestStatus? { nil }
}

extension ReadinessAnswer {
    /// The answer of the change gate about one agent, as `ChangeGateService.status(of:)` has it.
    fileprivate init(gate: JSONValue) {
        guard let word = gate["gate"]?.string else {
            self = .unknown("the change gate does not know the agent")
            return
        }
        if gate["excepted"] == .bool(true) {
            self = .missing("served by an exception of two people")
        } else if word == "passed" {
            self = .ok("passed" + (gate["until"]?.string.map { ", counts until \($0)" } ?? ""))
        } else {
            self = .missing("eval-\(word)")
        }
    }
}
