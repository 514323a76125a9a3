import InterlockAdministration
import InterlockGovernor
import InterlockMarkup
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

/// Everything an agent can reach, most severe first.
struct AgentWorstCase {
    let reach: WorstCase?
    let page: Int
    let address: ((inout AgentPage.Slots) -> Void) -> Link

    @HTMLBuilder var content: [HTML] {
        if let reach {
            if reach.rows.isEmpty {
                element(.p, .style(.empty)) { "No call can be allowed" }
            } else {
                let rows = PagedRows(reach.rows, page: page)
                summary(reach)
                FlowDrawing(reach).content
                table(rows.rows, of: reach).html
                Pager(page: rows.page, pages: rows.pages, label: "Pages of the worst case") {
                    page in
                    address { $0.worst = page }
                }.content
            }
            sandbox(reach.sandbox)
        } else {
            notice(.warning) { "Calculating" }
        }
    }

    @HTMLBuilder private func summary(_ reach: WorstCase) -> [HTML] {
        element(.p, .style(.hint)) { PolicyLabels.policyAlone }
        if reach.computedTier > reach.tier {
            notice(.warning) {
                "By what it reaches it is of tier \(reach.computedTier.rawValue), and its policy says "
                    + "\(reach.tier.rawValue)."
            }
        }
        facts(reach)
    }

    private func facts(_ reach: WorstCase) -> HTML {
        var facts = Facts()
        facts.add("Reaches") { "\(reach.rows.count) of \(reach.toolCount) tools" }
        facts.add("In a day") {
            reach.daily.calls.map { "at most \(Shape.grouped($0)) calls" } ?? "any number of calls"
        }
        for tool in reach.daily.tools {
            facts.add("In a day") {
                "at most \(tool.calls) of "
                SafeText.text(tool.tool)
            }
        }
        for spend in reach.daily.spend {
            facts.add("In a day") {
                "at most \(spend.most) of "
                SafeText.text(spend.field)
                " by "
                SafeText.text(spend.tool)
                if spend.isMixed { " in mixed units" }
                if let shown = spend.shown {
                    ": "
                    SafeText.own(shown)
                }
            }
        }
        let limited = Set(reach.daily.spend.map(\.tool))
        let unlimited = reach.rows.filter { $0.effects.contains(.spendsMoney) }
            .map(\.tool.description).filter { !limited.contains($0) }
        facts.add("Spends") {
            if unlimited.isEmpty {
                if limited.isEmpty {
                    "nothing: no tool that it reaches spends money"
                } else {
                    "a limited sum in a day, by "
                    Self.list(limited.sorted(), none: "")
                }
            } else {
                "no limit on the sum of "
                Self.list(Array(unlimited.prefix(Self.mostNamed)), none: "")
                if unlimited.count > Self.mostNamed {
                    " and \(unlimited.count - Self.mostNamed) more"
                }
            }
        }
        return facts.html
    }

    /// The number of tools that a fact names.
    private static let mostNamed = 10

    private func sandbox(_ sandbox: SandboxReach) -> HTML {
        var facts = Facts()
        facts.group("Access")
        facts.add("Sandbox reaches") {
            Self.list(sandbox.hosts + sandbox.models.map { "model \($0)" }, none: "no host")
        }
        facts.add("Sandbox reads") { Self.list(sandbox.reads, none: "nothing of the host") }
        facts.add("Sandbox writes") { Self.list(sandbox.writes, none: "nothing that stays") }
        facts.add("Sandbox secrets") { Self.list(sandbox.secrets, none: "none") }
        if !sandbox.passed.isEmpty {
            facts.add("Passed by its caller") { Self.list(sandbox.passed, none: "none") }
        }
        if !sandbox.waived.isEmpty {
            facts.add("Waived secrets in files") { Self.list(sandbox.waived, none: "none") }
        }
        facts.group("Enforcement")
        facts.add("Sandbox isolation") { SafeText.text(sandbox.isolation) }
        facts.add("Sandbox limits") { SafeText.text(sandbox.limits) }
        facts.add("Sandbox enforced by") {
            sandbox.isStated
                ? "interlock run alone"
                : "interlock run alone, with the defaults of a policy that states none"
        }
        return facts.html
    }

    @HTMLBuilder private static func list(_ texts: [String], none: String) -> [HTML] {
        if texts.isEmpty { none }
        for (place, text) in texts.enumerated() {
            if place > 0 { ", " }
            SafeText.text(text)
        }
    }

    private func table(_ rows: ArraySlice<WorstCase.Row>, of reach: WorstCase) -> Table {
        Table(
            "Computed from policy, most severe first",
            [.name("Tool"), .text("Outcome"), .text("Effects"), .text("Limits")], rows
        ) { row in
            [
                .name(row.tool.description),
                .group(SafeText.own(row.outcome.sentence)),
                .text(
                    row.effectWords.isEmpty ? "none" : row.effectWords.joined(separator: ", ")),
                .group(Self.lines(row.limits, none: "none of its own")),
            ]
        }
    }

    @HTMLBuilder private static func lines(_ texts: [String], none: String) -> [HTML] {
        if texts.isEmpty { none }
        for (place, text) in texts.enumerated() {
            if place > 0 { " or " }
            SafeText.text(text)
        }
    }
}
