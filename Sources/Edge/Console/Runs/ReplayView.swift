import InterlockAdministration
import InterlockEvidence
import InterlockLedger
import InterlockMarkup
import InterlockModel
import InterlockPolicy

/// The result of a replay.
struct ReplayView {
    let report: ReplayReport
    /// The policy in force, which declares the units of arguments.
    let policy: (any PolicyQueries)?

    var html: HTML {
        element(.section, .style(.card, .part), .id(Anchor("replay"))) {
            switch report {
            case .timeline(let steps):
                element(.h2) { "Timeline verified" }
                notice(.good) { "\(steps.count) records, each read again and proved." }
                element(.ol, .style(.timeline)) {
                    for step in steps.prefix(Self.most) {
                        RunStepView(step: step, reads: true, mark: "verified", policy: policy).html
                    }
                }
                if steps.count > Self.most { Self.cut }
            case .decisions(let decisions):
                element(.h2) { "Decisions re-evaluated" }
                sums(decisions)
                let others = decisions.decisions.filter { $0.result != .equal }
                if !others.isEmpty { table(Array(others.prefix(Self.most))) }
                if others.count > Self.most { Self.cut }
            }
        }
    }

    private static let most = 500
    private static let cut = element(.p, .style(.muted)) {
        "There is more; the API and `interlock audit replay` give all of it."
    }

    private func sums(_ report: DecisionsReport) -> HTML {
        let text =
            "\(report.decisions.count) decisions re-evaluated, \(report.differing) differences, "
            + "\(report.untold) unknown."
        guard !report.isBad else { return notice(.bad) { text } }
        return report.untold > 0 ? notice(.warning) { text } : notice(.good) { text }
    }

    private func table(_ decisions: [DecisionAgain]) -> HTML {
        Table(
            "Decisions that differ from the record, or are unknown",
            [.id("Record"), .state("Result"), .text("What")], decisions
        ) { decision in
            [
                hyperlink(Link("audit", String(decision.index))) { "\(decision.index)" },
                .text(decision.differs ? "differs" : "unknown"),
                .group(Self.words(decision.result)),
            ]
        }.html
    }

    @HTMLBuilder private static func words(_ result: DecisionAgain.Comparison) -> [HTML] {
        switch result {
        case .equal: "equal"
        case .erased(let what), .gone(let what): SafeText.text(what)
        case .differs(let differences):
            element(.ul) {
                for difference in differences {
                    element(.li) {
                        SafeText.text(difference.field)
                        ": recorded "
                        SafeText.quoted(difference.recorded)
                        ", again "
                        SafeText.quoted(difference.again)
                    }
                }
            }
        }
    }
}
