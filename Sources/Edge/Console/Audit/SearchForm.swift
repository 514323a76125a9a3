import InterlockJSON

/// The fields of a search, with the names of `QueryForm`.
struct SearchForm {
    let fields: [ExactText: String]

    var html: HTML {
        element(
            .form, .style(.filters), .word(.method, "get"), .link(.action, Link("audit")),
            .word(.role, "search"), .text(.label, "Search the log")
        ) {
            field("Agent", "agent", 1)
            field("Owner of the agent", "owner", 2)
            field("On behalf of", "subject", 3)
            field("Tool", "tool", 4)
            field("Type of record", "type", 5)
            Form.field("Decision", Anchor("search", 6), decisions)
            field("Rule", "rule", 7)
            field("Code", "code", 8)
            field("Run", "run", 9)
            field("Day (UTC)", "day", 10)
            field("From", "since", 11)
            field("Before", "until", 12)
            element(.button, .word(.type, "submit")) { "Search" }
            if !fields.isEmpty { hyperlink(Link("audit")) { "Show all" } }
        }
    }

    private func field(_ label: String, _ name: StaticString, _ number: Int) -> HTML {
        Form.field(
            label, Anchor("search", number),
            Form.line(name, Anchor("search", number), fields["\(name)"]))
    }

    private var decisions: HTML {
        element(.select, .word(.name, "decision"), .id(Anchor("search", 6))) {
            element(.option, .text(.value, "")) { "any" }
            for decision in ["allow", "approve", "deny"] {
                if fields["decision"] == decision {
                    element(.option, .text(.value, decision), .flag(.selected)) { decision }
                } else {
                    element(.option, .text(.value, decision)) { decision }
                }
            }
        }
    }
}
