import InterlockMarkup
import InterlockModel
import InterlockTrust

/// `/ready`: whether the organisation may give its agents more, in four columns that people read and print
/// (docs/specs/evidence.md, section 7).
struct ReadinessPage {
    static let title = "Readiness"

    /// The answer for the organisation, and the stage that it was asked for.
    let readiness: Readiness
    /// The exceptions that raise an agent's stage now.
    var exceptions: [StageException] = []

    var header: PageHeader {
        let status = ReadinessLabels.status(readiness)
        var header = PageHeader(
            Self.title,
            StatusBadge(
                status.kind, status.words,
                from:
                    "The policy in force, the live state of the gateway and its records, read now."
            ))
        header.say { "Whether agents may be given more" }
        for state in [ReadinessResult.State.ok, .missing, .unknown] {
            header.fact(Self.name(state)) { "\(readiness.results.count { $0.state == state })" }
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        stages
        let unknown = readiness.results.filter { $0.state == .unknown }
        if !unknown.isEmpty {
            notice(.warning) {
                "Not known: \(unknown.map { ReadinessLabels.name($0.check) }.joined(separator: ", ")). What is not known counts as not ready."
            }
        }
        card("What must hold", .part) {
            table.html(or: "The gateway named no check, so nothing is ready.")
            element(.p, .style(.hint)) {
                "This page says what was enforced, what was shown and what was not. On the command line: "
                element(.code) { "interlock ready --org" }
                "."
            }
        }
        card("Exceptions", .part) {
            raised.html(or: "No stage is raised without a promotion.")
        }
    }

    private var raised: Table {
        Table(
            "Stages that people raised for a time without a promotion",
            [.name("Agent"), .text("Stage"), .text("Reason"), .text("Deciders"), .time("Until")],
            exceptions
        ) { one in
            [
                hyperlink(Link("agents", one.agent.text)) { SafeText.name(one.agent.text) },
                .text("\(one.from.text) to \(one.to.text)"), .safe(one.reason),
                .group(PolicyLabels.people(one.deciders)), Shape.time(one.expires),
            ]
        }
    }

    private var stages: HTML {
        FilterChips(
            label: "For which stage", all: Self.address(nil),
            chips: [.init("As they are", Self.address(nil), isChosen: readiness.stage == nil)]
                + AutonomyStage.allCases.dropFirst().map { stage in
                    .init(
                        "Stage \(stage.text)", Self.address(stage),
                        isChosen: readiness.stage == stage)
                }
        ).html
    }

    private var table: Table {
        Table(
            "What must hold before agents are given more",
            [
                .name("What must hold"), .text("How it is enforced"), .text("Evidence"),
                .state("State, and what mends it"),
            ], readiness.results
        ) { result in
            [
                .text(ReadinessLabels.demand(result.check)),
                .text(ReadinessLabels.enforcement(result.check)), .group(result.evidenceCell),
                .group(result.stateCell),
            ]
        }
    }

    private static func name(_ state: ReadinessResult.State) -> String {
        switch state {
        case .ok: "Ok"
        case .missing: "Missing"
        case .unknown: "Unknown"
        }
    }

    private static func address(_ stage: AutonomyStage?) -> Link {
        Link("ready", query: [("stage", stage?.name)])
    }
}
