import InterlockAPI
import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockModel

/// `/policy/rules`: every rule of the organisation with its location (R043).
struct PolicyRulesPage {
    let rules: PagedRows<PolicyRule>
    let kind: String?
    let text: String?
    private let counts: [ExactText: Int]
    private let overview: PolicyOverview

    /// - Parameters:
    ///   - kind: shows only rules of this kind.
    ///   - text: shows only rules whose subject or name contains this text.
    init(
        _ all: [PolicyRule], kind: String?, text: String?, page: Int, overview: PolicyOverview
    ) {
        self.overview = overview
        self.kind = kind
        self.text = text
        let text = text.map(SearchedText.init)
        let named = all.filter { rule in
            text.map { $0.isIn(rule.subject) || $0.isIn(rule.name) } ?? true
        }
        counts = named.reduce(into: [:]) { $0[ExactText($1.kind), default: 0] += 1 }
        rules = PagedRows(named.filter { rule in kind.map { $0 == rule.kind } ?? true }, page: page)
    }

    var header: PageHeader {
        PolicyHeader(view: overview, name: "Rules of the organisation").header
    }

    private func address(kind: String?, page: String? = nil) -> Link {
        Link("policy", "rules", query: [("kind", kind), ("about", text), ("page", page)])
    }

    private var kinds: HTML {
        let all = address(kind: nil)
        return FilterChips(
            label: "Which kinds", all: all,
            chips: [
                .init("All", counts.values.reduce(0, +), all, isChosen: kind == nil)
            ]
                + PolicyRule.kinds.filter { counts[ExactText($0)] != nil || $0 == kind }.map {
                    one in
                    .init(
                        one, counts[ExactText(one)] ?? 0, address(kind: one), isChosen: kind == one)
                }
        ).html
    }

    @HTMLBuilder var content: [HTML] {
        PolicyTabs.rules.html
        element(.p) {
            "The grants of single agents are on "
            hyperlink(PolicyRoute.agents.link) { "their own pages" }
            "."
        }
        kinds
        filter.html
        if rules.count > 0 {
            PolicyLabels.rules(rules.rows, caption: Shape.count(rules.count, "rule") + rules.place)
            rules.pager { address(kind: kind, page: $0) }
        } else if kind == nil, text == nil {
            EmptyList.html("No rules of the organisation.")
        } else {
            EmptyList.noMatch(PolicyRoute.rules.link)
        }
    }

    private var filter: FilterForm {
        FilterForm(list: PolicyRoute.rules.link, isEmpty: kind == nil && text == nil) {
            if let kind { Form.hidden("kind", kind) }
            FilterForm.text("About", "about", Anchor("filter-about"), text)
        }
    }
}

/// `/policy/agents`: links to each agent's page.
struct PolicyAgentsPage {
    let agents: PagedRows<PolicyAgent>
    let text: String?
    private let overview: PolicyOverview
    private let seesSome: Bool

    /// - Parameters:
    ///   - text: only agents whose name contains this text are in the listing.
    ///   - seesSome: false if the viewer sees no agent, whatever the policy has.
    init(_ listing: PolicyAgentListing, text: String?, overview: PolicyOverview, seesSome: Bool) {
        self.overview = overview
        self.seesSome = seesSome
        self.text = text
        agents = PagedRows(listing.agents, of: listing.count, page: listing.page)
    }

    var header: PageHeader {
        PolicyHeader(
            view: overview, name: "Agents of the policy",
            back: .init(words: "Policy", link: PolicyRoute.overview.link)
        ).header
    }

    @HTMLBuilder var content: [HTML] {
        filter.html
        if agents.count == 0 {
            if !seesSome {
                EmptyList.html(AgentsPage.noAccess)
            } else if text == nil {
                EmptyList.html("The policy names no agent.")
            } else {
                EmptyList.noMatch(PolicyRoute.agents.link)
            }
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
            Shape.count(agents.count, "agent") + agents.place,
            [
                .name("Agent"), .name("Owner"), .state("Tier"), .state("Stage", .second),
                .text("Defined in", .second),
            ], agents.rows, isLinked: true
        ) { agent in
            [
                hyperlink(PolicyRoute.agent(agent.name).link) { agent.name.text },
                agent.owner.map { Shape.person($0) } ?? .text("none"),
                Shape.tier(agent.tier), .text(agent.stageText),
                .group(PolicyLabels.place(agent.place)),
            ]
        }
    }
}
