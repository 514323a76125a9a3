import InterlockAdministration
import InterlockModel

/// `/policy/rules`: every rule of the organisation with its location (R043).
struct PolicyRulesPage {
    let rules: PagedRows<PolicyRule>
    let kind: String?
    let text: String?

    /// - Parameters:
    ///   - kind: shows only rules of this kind.
    ///   - text: shows only rules whose subject or name contains this text.
    init(_ all: [PolicyRule], kind: String?, text: String?, page: Int) {
        self.kind = kind
        self.text = text
        let text = text.map(SearchedText.init)
        let found = all.filter { rule in
            (kind.map { $0 == rule.kind } ?? true)
                && (text.map { $0.isIn(rule.subject) || $0.isIn(rule.name) } ?? true)
        }
        rules = PagedRows(found, page: page)
    }

    @HTMLBuilder var content: [HTML] {
        element(.h1) { "Rules of the organisation" }
        PolicyTabs.rules.html
        element(.p) {
            "The grants of single agents are on "
            hyperlink(PolicyRoute.agents.link) { "their own pages" }
            "."
        }
        filter.html
        if rules.count == 0 {
            element(.p, .style(.empty)) { "No rule is like this." }
        } else {
            PolicyLabels.rules(rules.rows, caption: "\(rules.count) rules\(rules.place)")
            rules.pager {
                Link("policy", "rules", query: [("kind", kind), ("about", text), ("page", $0)])
            }
        }
    }

    private var filter: FilterForm {
        FilterForm(list: PolicyRoute.rules.link, isEmpty: kind == nil && text == nil) {
            FilterForm.choice(
                "Kind", "kind", Anchor("filter-kind"), PolicyRule.kinds.map { ($0, $0) },
                chosen: kind)
            FilterForm.text("About", "about", Anchor("filter-about"), text)
        }
    }
}

/// `/policy/agents`: links to each agent's page.
struct PolicyAgentsPage {
    let agents: PagedRows<PolicyAgent>
    let text: String?

    init(_ all: [PolicyAgent], text: String?, page: Int) {
        self.text = text
        agents = PagedRows(
            text.map { text in all.filter { $0.name.text.contains(text) } } ?? all, page: page)
    }

    @HTMLBuilder var content: [HTML] {
        crumbs("Policy", PolicyRoute.overview.link)
        element(.h1) { "Agents of the policy" }
        filter.html
        if agents.count == 0 {
            element(.p, .style(.empty)) { "No agent is called like this, or none that you see." }
        } else {
            table.html
            agents.pager { Link("policy", "agents", query: [("name", text), ("page", $0)]) }
        }
    }

    private var filter: FilterForm {
        FilterForm(list: PolicyRoute.agents.link, isEmpty: text == nil) {
            FilterForm.text("Name", "name", Anchor("filter-name"), text)
        }
    }

    private var table: Table {
        Table(
            "\(agents.count) agents\(agents.place)",
            ["Agent", "Owner", "Tier", "Stage", "Where"], agents.rows
        ) { agent in
            [
                hyperlink(PolicyRoute.agent(agent.name).link) { agent.name.text },
                .group(agent.owner.map { SafeText.text($0.address) } ?? [.text("none")]),
                Shape.tier(agent.tier), .text(agent.stageText),
                .group(PolicyLabels.place(agent.place)),
            ]
        }
    }
}
