import InterlockAPI
import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

/// The decisions of the revision about the calls of the last 30 days, and the rules that they reached. The part
/// refreshes itself while it is calculated.
struct SimulationCard {
    enum State {
        case known(SimulationStatus)
        /// The reason why this reader gets none, in words of this program.
        case refused(String)
    }

    let state: State

    /// The most rows of each table.
    private static let most = 500

    var html: HTML {
        let content = content
        return .element(
            .section,
            [
                .style(.card), .id(Anchor("simulation")), .flag(.isLive),
                .text(.version, content.look),
            ]
                + (isCalculating ? [.flag(.isCalculating)] : []),
            [element(.h2) { "What it would have changed" }] + content)
    }

    private var isCalculating: Bool {
        if case .known(.calculating) = state { true } else { false }
    }

    @HTMLBuilder private var content: [HTML] {
        switch state {
        case .refused(let reason): element(.p, .style(.empty)) { SafeText.text(reason) }
        case .known(.calculating):
            element(.p, .word(.role, "status")) { "Calculating" }
            element(.p, .style(.hint)) {
                "The calls of the last 30 days are decided again under this revision. It takes at most 30 s. "
                hyperlink(PolicyRoute.proposed.link) { "Load the result" }
            }
        case .known(.failed(let refusal, let number)):
            notice(.warning) {
                "The calls could not be decided again: "
                SafeText.text("\(refusal)")
            }
            element(.p) {
                hyperlink(Link("policy", "proposed", query: [("again", String(number))])) {
                    "Try again"
                }
            }
        case .known(.done(let view)): result(view)
        }
    }

    @HTMLBuilder private func result(_ view: SimulationView) -> [HTML] {
        let simulation = view
        if !view.isWhole {
            element(.p, .style(.hint)) { "Only the calls of agents whose records you may read." }
        }
        if simulation.decided == 0, simulation.unknown.isEmpty {
            element(.p, .style(.empty)) { "No calls in this time" }
        } else {
            element(.p) {
                element(.strong) {
                    "\(Shape.count(simulation.decided, "call")) decided again: "
                        + "\(simulation.count(.easier)) easier, \(simulation.count(.stricter)) stricter"
                }
            }
        }
        facts(view)
        if view.isCut {
            notice(.warning) { "Only the newest calls were decided again: the log has more." }
        }
        let changes = simulation.changes
        if !changes.isEmpty { table(changes).html }
        if simulation.decided > 0 { coverage(view) }
    }

    private func facts(_ view: SimulationView) -> HTML {
        let simulation = view
        var facts = Facts()
        facts.add("Time") {
            Shape.exact(view.since)
            " to "
            Shape.exact(view.until)
        }
        facts.add("Approvals") {
            "\(simulation.approvals.before) before, \(simulation.approvals.after) after"
        }
        for reason in PolicySimulation.Unknown.allCases {
            guard let count = simulation.unknown[reason] else { continue }
            facts.add("Not decided again") {
                "\(Shape.count(count, "call")): \(reason.sentence)"
            }
        }
        return facts.html
    }

    private func table(_ changes: [PolicySimulation.Change]) -> Table {
        Table(
            "Calls decided otherwise"
                + (changes.count > Self.most ? ", the first \(Self.most) kinds" : ""),
            ["Agent and tool", "Direction", "Calls", "Before", "After", "Examples"],
            changes.prefix(Self.most)
        ) { change in
            [
                .group(
                    SafeText.text(change.agent.text) + [.text(" ")]
                        + SafeText.text(change.tool.description)),
                change.direction == .easier
                    ? badge("Easier", .high) : badge("Stricter", .low),
                element(.span, .style(.number)) { Shape.grouped(change.count) },
                .group(Self.words(change.before, change.obligations?.before)),
                .group(Self.words(change.after, change.obligations?.after)),
                .group(Self.examples(of: change)),
            ]
        }
    }

    @HTMLBuilder private static func words(_ verdict: Verdict, _ obligations: [String]?) -> [HTML] {
        verdict.words
        if let obligations {
            obligations.isEmpty
                ? ", no obligation" : ", with " + obligations.joined(separator: ", ")
        }
    }

    @HTMLBuilder private static func examples(of change: PolicySimulation.Change) -> [HTML] {
        element(.ul, .style(.tree)) {
            for example in change.examples {
                element(.li) {
                    hyperlink(Link("audit", String(example.index))) { "Record \(example.index)" }
                    " "
                    Shape.exact(example.at)
                    ", by "
                    SafeText.text(example.rule)
                }
            }
        }
    }

    private struct CoveredRule {
        let name: String
        let kind: String
        var before: Int?
        var after: Int?
    }

    @HTMLBuilder private func coverage(_ view: SimulationView) -> [HTML] {
        let rules = Self.rules(view)
        Table(
            "Rules by the calls that they decided"
                + (rules.count > Self.most ? ", the first \(Self.most)" : ""),
            ["Rule", "Kind", "Policy in force", "Revision"], rules.prefix(Self.most)
        ) { rule in
            [.name(rule.name), .text(rule.kind), Self.calls(rule.before), Self.calls(rule.after)]
        }.html
        element(.p, .style(.hint)) {
            "By the policy in force: as recorded when the call came, also under earlier revisions with a rule of "
                + "that name. Effects, groups and servers decide no call by themselves and are not listed."
        }
    }

    private static func calls(_ count: Int?) -> HTML {
        switch count {
        case nil: .text("-")
        case 0: badge("Never reached", .unknown)
        case let count?: element(.span, .style(.number)) { Shape.grouped(count) }
        }
    }

    /// The rules of both policies, those that decided most calls first.
    private static func rules(_ view: SimulationView) -> [CoveredRule] {
        var places: [ExactText: Int] = [:]
        var rules: [CoveredRule] = []
        func place(_ row: RuleCoverage.Row) -> Int {
            let name = ExactText(row.name)
            let place = places[name] ?? rules.count
            places[name] = place
            if place == rules.count { rules.append(CoveredRule(name: row.name, kind: row.kind)) }
            return place
        }
        for row in view.coverage.rows { rules[place(row)].after = row.calls }
        for row in view.recorded.rows { rules[place(row)].before = row.calls }
        return rules.sorted {
            max($0.before ?? 0, $0.after ?? 0) > max($1.before ?? 0, $1.after ?? 0)
        }
    }
}
