import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPolicyReview

/// `/policy/rules/NAME`: one rule as a sentence, as it is written, whom it concerns, and the tests that name it.
struct PolicyRulePage {
    let detail: PolicyRuleDetail
    let agents: PagedRows<AgentName>
    /// False if the rule may concern agents that the viewer does not see.
    private let seesAll: Bool

    init(detail: PolicyRuleDetail, page: Int, seesAll: Bool) {
        self.detail = detail
        self.seesAll = seesAll
        agents = PagedRows(detail.agents, page: page)
    }

    var header: PageHeader {
        var header = PageHeader(
            kind: "Rule", back: .init(words: "All rules", link: PolicyRoute.rules.link),
            StatusBadge(.plain, "Active", from: "The policy in force has this rule.")
        ) { SafeText.name(detail.rule.name) }
        header.fact(seesAll ? "Agents" : "Agents that you see") { "\(detail.agents.count)" }
        header.fact("Tests") { "\(detail.tests.count)" }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        element(.p) { SafeText.own(detail.sentence) }
        card("Rule") {
            facts
            excerpt
        }
        card("Agents") { concerned }
        card("Tests") { tests }
    }

    private var facts: HTML {
        var facts = Facts()
        facts.add("Kind", text: detail.rule.kind)
        facts.add("About", text: detail.rule.subject)
        facts.add("Defined in") { PolicyLabels.place(detail.rule.place) }
        return facts.html
    }

    @HTMLBuilder private var excerpt: [HTML] {
        if let excerpt = detail.excerpt {
            element(.div, .style(.block)) {
                for (place, line) in excerpt.lines.enumerated() {
                    element(.div) {
                        element(.span, .style(.muted, .number)) { "\(excerpt.firstLine + place)  " }
                        SafeText.text(line)
                    }
                }
            }
            if excerpt.isCut {
                element(.p, .style(.hint)) {
                    "The rule has more lines than the first \(PolicyExcerpt.mostLines), which are shown."
                }
            }
        } else {
            element(.p, .style(.hint)) {
                detail.rule.place == nil
                    ? "The rule is built in, and no file states it."
                    : "Its lines are not shown: the stored files of this revision do not have them, or they may name agents that you do not see."
            }
        }
    }

    @HTMLBuilder private var concerned: [HTML] {
        if agents.count == 0 {
            element(.p, .style(.empty)) {
                seesAll
                    ? "It concerns no agent."
                    : "It concerns no agent that you see. \(AgentsPage.noAccess)"
            }
        } else {
            Table(
                Shape.count(agents.count, "agent") + agents.place, [.name("Agent")], agents.rows,
                isLinked: true
            ) { name in
                [hyperlink(PolicyRoute.agent(name).link) { name.text }]
            }.html
            agents.pager { Link("policy", "rules", detail.rule.name, query: [("page", $0)]) }
        }
    }

    @HTMLBuilder private var tests: [HTML] {
        Table(
            Shape.count(detail.tests.count, "test"),
            [
                .name("Test"), .name("Agent"), .text("Call"), .state("Expected"),
                .text("Defined in"),
            ], detail.tests.prefix(Paging.size), isBroad: true
        ) { test in
            [
                test.name.map { .safe($0) } ?? .text("no name"), .safe(test.agent),
                .safe(test.call), .text(test.expected), .group(PolicyLabels.place(test.place)),
            ]
        }.html(or: "No tests of this rule.")
        if detail.tests.count > Paging.size {
            element(.p) { "and \(detail.tests.count - Paging.size) more" }
        }
    }
}
