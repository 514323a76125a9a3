import InterlockAdministration
import InterlockModel

/// `/policy/agents/NAME`: the policy for one agent, each rule with its location.
struct AgentRulesPage {
    let view: AgentRules

    @HTMLBuilder var content: [HTML] {
        crumbs("Agents of the policy", PolicyRoute.agents.link)
        element(.h1) { "Policy of \(view.agent.name.text)" }
        if !view.held.isEmpty {
            notice(.bad) { "Nothing of it runs, because of \(view.held.joined(separator: ", "))." }
        }
        card("Who and why") { facts.html }
        card("What it may do") { reached }
        card("By which rules") {
            PolicyLabels.rules(view.rules, caption: "\(view.rules.count) rules that concern it")
        }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.add("Stated at") { PolicyLabels.place(view.agent.place) }
        facts.add("Purpose") { view.purpose.map { SafeText.text($0) } ?? [.text("none stated")] }
        facts.add("Owner") {
            view.agent.owner.map { SafeText.text($0.address) } ?? [.text("none")]
        }
        facts.add("Review by") { view.reviewBy ?? "no date" }
        facts.add("Risk") {
            Shape.tier(view.agent.tier)
            " stage \(view.agent.stageText)"
        }
        facts.add("Sandbox") { view.sandbox.map { SafeText.text($0) } ?? [.text("none stated")] }
        facts.add("Approvers") {
            if let group = view.approvers {
                SafeText.text(group)
                ": "
                PolicyLabels.people(view.people)
            } else {
                "none"
            }
        }
        if !view.flows.isEmpty {
            facts.add("What is sensitive could leave by") { PolicyLabels.lines(view.flows) }
        }
        return facts
    }

    @HTMLBuilder private var reached: [HTML] {
        table.html(or: "It can call nothing.")
    }

    private var table: Table {
        Table(
            "\(view.reached.count) of \(view.toolCount) tools, the gravest first",
            ["Tool", "Outcome", "Effects", "Limits"], view.reached
        ) { row in
            [
                .safe(row.tool),
                .group(SafeText.own(row.outcome)), .text(row.effects.joined(separator: ", ")),
                .text(row.limits.isEmpty ? "none" : row.limits.joined(separator: ", ")),
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
