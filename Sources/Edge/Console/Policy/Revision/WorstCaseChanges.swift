import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPolicyReview

/// The worst that each agent of the changes can do, before and after, or by the first revision.
struct WorstCaseChanges {
    let worst: WorstCaseComparison
    var isFirst = false

    @HTMLBuilder var content: [HTML] {
        if worst.changes.isEmpty {
            element(.p, .style(.empty)) {
                isFirst ? "No agents" : "The worst case of no agent changes"
            }
        }
        for change in worst.changes {
            Table(
                "Agent \(change.agent.text)",
                isFirst ? ["Part", "Worst case"] : ["Part", "Before", "After"], change.lines
            ) { line in
                [.name(line.subject)] + (isFirst ? [] : [.group(SafeText.own(line.before))])
                    + [.group(SafeText.own(line.after))]
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
