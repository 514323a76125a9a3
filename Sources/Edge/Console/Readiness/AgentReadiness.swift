import InterlockMarkup
import InterlockModel
import InterlockTrust

/// The readiness of an agent, check by check, with the command that mends each.
struct AgentReadiness {
    static let anchor = Anchor("agent-ready")

    let readiness: Readiness

    @HTMLBuilder var content: [HTML] {
        let status = ReadinessLabels.status(readiness)
        element(.p) {
            element(.strong) { status.words }
            ". A promotion needs each check to be ok; what is unknown counts as not ready."
        }
        table.html(or: "The gateway named no check, so the agent is not ready.")
    }

    private var table: Table {
        Table(
            "Checks before the agent is given more",
            [.name("Check"), .text("Finding"), .state("State")], readiness.results
        ) { result in
            [
                .text(ReadinessLabels.name(result.check)), .group(result.evidenceCell),
                .group(result.stateCell),
            ]
        }
    }
}
