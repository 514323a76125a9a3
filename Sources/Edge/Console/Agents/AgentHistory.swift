import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The agent's call counts, and links to its records. Records are not shown here: reading the log is recorded, and a
/// page that refreshes itself would read it without a request by a person.
struct AgentHistory {
    let detail: AgentDetail

    @HTMLBuilder var content: [HTML] {
        facts
        element(.p, .style(.row)) {
            if detail.reads {
                hyperlink(link()) { "Its records in the audit log" }
                " "
            }
            hyperlink(link(decision: "deny")) { "What was refused" }
        }
        if !detail.reads {
            element(.p, .style(.hint)) {
                "Its other records are for its owner and the role security."
            }
        }
    }

    private var facts: HTML {
        var facts = Facts()
        facts.add("Counted since") { Shape.exact(detail.countedSince) }
        facts.add("Calls allowed") { "\(sum(\.calls))" }
        facts.add("Calls refused, of granted tools") { "\(sum(\.refused))" }
        return facts.html
    }

    private func sum(_ part: (AgentUse) -> Int64) -> Int64 {
        detail.rights.reduce(0) { $0 + part($1.use) }
    }

    private func link(decision: String? = nil) -> Link {
        Link("audit", query: [("agent", detail.line.name.text), ("decision", decision)])
    }
}
