import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// `/policy/agents/NAME`: the policy for one agent, each rule with its location.
struct AgentRulesPage {
    let view: AgentRules

    var header: PageHeader {
        var header = PageHeader(
            "Policy of \(view.agent.name.text)",
            back: .init(words: "Agents of the policy", link: PolicyRoute.agents.link),
            view.held.isEmpty
                ? StatusBadge(.plain, "Active", from: Self.evidence)
                : StatusBadge(.attention, "Held at observe", from: Self.evidence))
        header.fact("Tools") { "\(view.reached.count) of \(view.toolCount)" }
        header.fact("Rules") { "\(view.rules.count)" }
        header.add(HeaderAction("Show agent", Link("agents", view.agent.name.text)))
        return header
    }

    private static let evidence = "The policy in force."

    @HTMLBuilder var content: [HTML] {
        if !view.held.isEmpty {
            notice(.bad) { "Nothing of it runs, because of \(view.held.joined(separator: ", "))." }
        }
        card("Details") { facts.html }
        card("Permissions") { reached }
        card("Rules") {
            PolicyLabels.rules(view.rules, caption: Shape.count(view.rules.count, "rule"))
        }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.add("Defined in") { PolicyLabels.place(view.agent.place) }
        facts.add("Purpose") { view.purpose.map { SafeText.text($0) } ?? [.text("–")] }
        facts.add("Owner") {
            view.agent.owner.map { Shape.person($0) } ?? .text("none")
        }
        facts.add("Review by") { view.reviewBy ?? "no date" }
        facts.add("Tier") { Shape.tier(view.agent.tier) }
        facts.add("Stage") { view.agent.stageText }
        facts.add("Sandbox") { view.sandbox.map { SafeText.text($0) } ?? [.text("–")] }
        facts.add("Approvers") {
            if let group = view.approvers {
                SafeText.text(group)
                ": "
                PolicyLabels.people(view.people)
            } else {
                "none"
            }
        }
        if !view.tasks.isEmpty {
            facts.add("Tasks of its runs") { PolicyLabels.lines(view.tasks) }
        }
        if !view.flows.isEmpty {
            facts.add("Sensitive data can leave by") { PolicyLabels.lines(view.flows) }
        }
        return facts
    }

    @HTMLBuilder private var reached: [HTML] {
        element(.p, .style(.hint)) { PolicyLabels.policyAlone }
        table.html(or: "No tools granted")
    }

    private var table: Table {
        Table(
            "\(view.reached.count) of \(view.toolCount) tools, most severe first",
            [.name("Tool"), .text("Outcome"), .text("Effects"), .text("Limits")], view.reached
        ) { row in
            [
                .name(row.tool),
                .group(SafeText.own(row.outcome)),
                .text(row.effectWords.joined(separator: ", ")),
                .text(row.limits.isEmpty ? "–" : row.limits.joined(separator: ", ")),
            ]
        }
    }
}

extension PolicyAgent {
    /// The stage at which its calls are decided, with that of the file if it is another one.
    var stageText: String {
        acting == stage ? stage.rawValue : "\(acting.rawValue) (the file says \(stage.rawValue))"
    }
}
