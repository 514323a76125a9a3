import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPolicyReview

/// The worst that each agent of the changes can do, before and after.
struct WorstCaseChanges {
    let worst: WorstCaseComparison

    @HTMLBuilder var content: [HTML] {
        if worst.changes.isEmpty {
            element(.p, .style(.empty)) { "The worst case of no agent changes" }
        }
        for change in worst.changes {
            Table(
                "Agent \(change.agent.text)", ["Part", "Before", "After"], change.lines
            ) { line in
                [
                    .safe(line.subject), .group(SafeText.own(line.before)),
                    .group(SafeText.own(line.after)),
                ]
            }.html
        }
        if worst.unread > 0 {
            notice(.warning) {
                "\(worst.unread) more agents change. Their worst cases are not computed here: "
                element(.code) { "interlock policy worst-case AGENT" }
            }
        }
    }
}
