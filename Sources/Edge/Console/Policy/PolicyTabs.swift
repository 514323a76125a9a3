import InterlockAPI
import InterlockMarkup

/// The parts of the policy as tabs, and the field that searches it.
enum PolicyTabs: String, CaseIterable {
    case matrix, rules, findings, revisions

    private var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }

    private var link: Link {
        switch self {
        case .matrix: PolicyRoute.matrix.link
        case .rules: PolicyRoute.rules.link
        case .findings: PolicyRoute.findings.link
        case .revisions: PolicyRoute.overview.link
        }
    }

    @HTMLBuilder var html: [HTML] {
        element(.nav, .text(.label, "Parts of the policy")) {
            element(.ul) {
                for tab in Self.allCases {
                    element(.li) { hyperlink(tab.link, isCurrent: tab == self) { tab.title } }
                }
            }
        }
        element(
            .form, .style(.filters), .word(.method, "get"), .link(.action, Link("search")),
            .word(.role, "search"), .text(.label, "Search the policy")
        ) {
            Form.hidden("in", SearchScope.policy.rawValue)
            FilterForm.text(
                "Find rule, agent, tool or person", "q", Anchor("policy-search"), nil)
            element(.button, .word(.type, "submit")) { "Find" }
        }
    }
}
