import InterlockAdministration
import InterlockModel

/// How much an agent has called, and the way to its records. None of them is shown here: a page that changes by itself
/// would be a look at the log that nobody has asked for, and each look is on record.
struct AgentHistory {
    let sheet: AgentDetail

    @HTMLBuilder var content: [HTML] {
        facts
        element(.p, .style(.row)) {
            if sheet.reads {
                element(.a, .link(.href, link())) { "Its records in the audit log" }
                " "
            }
            element(.a, .link(.href, link(decision: "deny"))) { "What was refused" }
        }
        if !sheet.reads {
            element(.p, .style(.hint)) {
                "Its other records are for its owner and the role security."
            }
        }
    }

    private var facts: HTML {
        var facts = Facts()
        facts.add("Counted since") { Shape.time(sheet.countedSince) }
        facts.add("Calls let through") { "\(sum(\.calls))" }
        facts.add("Calls refused") { "\(sum(\.refused))" }
        return facts.html
    }

    private func sum(_ part: (AgentUse) -> Int64) -> Int64 {
        sheet.rights.reduce(0) { $0 + part($1.use) }
    }

    private func link(decision: String? = nil) -> Link {
        Link("audit", query: [("agent", sheet.line.name.text), ("decision", decision)])
    }
}
