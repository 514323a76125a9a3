import InterlockChangeGate
import InterlockEvals
import InterlockMarkup
import InterlockModel

/// `/evals`: which agents the change gate serves, those that need action first.
struct EvalsPage {
    static let title = "Evals"

    let listing: AgentEvalListing
    /// Is nil for agents of any state.
    let state: GateOutlook.State?
    /// False if the viewer sees no agent, whatever the gateway has.
    let seesSome: Bool

    private var all: Int { listing.counts.values.reduce(0, +) }
    private var isHidden: Bool { all == 0 && !seesSome }
    private func count(_ state: GateOutlook.State) -> Int { listing.counts[state] ?? 0 }

    var header: PageHeader {
        let (look, words): (StatusBadge.Kind, String) =
            if isHidden {
                (.unknown, "No access to agents")
            } else if all == 0 {
                (.plain, "No agents")
            } else if count(.refused) > 0 {
                (.attention, "\(count(.refused)) refused")
            } else if count(.ending) > 0 {
                (.attention, Shape.count(count(.ending), "agent") + " to test soon")
            } else if count(.served) == 0 {
                (.plain, "All at stage observe")
            } else {
                (.working, Shape.count(count(.served), "agent") + " passed")
            }
        var header = PageHeader(
            Self.title,
            StatusBadge(
                look, words, from: "The results on record and the policy in force, read now."))
        header.say { "Whether each agent was tested as it is" }
        if !isHidden, all > 0 {
            header.fact("Refused") { "\(count(.refused))" }
            header.fact("Ends soon") { "\(count(.ending))" }
            header.fact("Passes") { "\(count(.served))" }
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        if let from = listing.refusesMissingFrom, !isHidden {
            notice(.warning) {
                "Agents without a result are refused from "
                Shape.exact(from)
                "."
            }
        }
        states
        liveCard(
            Anchor("evals"), isHidden ? "Agents" : Shape.count(listing.count, "agent")
        ) { list }
        card("How an agent passes", .part) { guide }
    }

    private var states: HTML {
        FilterChips(
            label: "Which verdicts", all: Self.address(nil),
            chips: [
                .init(
                    "All", isHidden ? nil : all, Self.address(nil), isChosen: state == nil)
            ]
                + GateOutlook.State.allCases.map { one in
                    .init(
                        one.title, isHidden ? nil : count(one), Self.address(one),
                        isChosen: state == one)
                }
        ).html
    }

    @HTMLBuilder private var list: [HTML] {
        if !listing.lines.isEmpty {
            table.html
            Pager(
                page: listing.page, pages: listing.pages,
                range: Paging.range(
                    listing.page, of: listing.count, size: AgentEvalListing.pageSize)
            ) { [state] page in Self.address(state, page: page) }.content
        } else if isHidden {
            EmptyList.html(AgentsPage.noAccess)
        } else if state != nil {
            EmptyList.noMatch(Self.address(nil))
        } else {
            EmptyList.html("The policy names no agent.")
        }
    }

    private var table: Table {
        Table(
            "Agents, those that need action first",
            [
                .name("Agent"), .state("Tier"), .name("Owner", .second), .state("Verdict"),
                .text("Why", .third), .text("Last result"), .text("Flags", .second),
                .time("Until"),
            ], listing.lines, isLinked: true
        ) { line in
            [
                hyperlink(Link("agents", line.agent.text)) { SafeText.name(line.agent.text) },
                Shape.tier(line.tier), Self.owner(line), .group(Self.verdict(line)),
                .text(EvalLabels.reason(line)), .group(Self.last(line)), Self.flags(line),
                Self.until(line),
            ]
        }
    }

    private static func owner(_ line: AgentEvalSummary) -> HTML {
        line.owner.map { Shape.person($0) } ?? .text("none")
    }

    private static func flags(_ line: AgentEvalSummary) -> HTML {
        line.latest.map { EvalLabels.flags($0.result) } ?? .text("–")
    }

    private static func until(_ line: AgentEvalSummary) -> HTML {
        line.outlook.until.map(Shape.time) ?? .text("–")
    }

    @HTMLBuilder private static func verdict(_ line: AgentEvalSummary) -> [HTML] {
        EvalLabels.badge(line)
        if line.isExcepted {
            " "
            badge("excepted", .warning)
        }
    }

    @HTMLBuilder private static func last(_ line: AgentEvalSummary) -> [HTML] {
        if let latest = line.latest {
            EvalLabels.verdict(latest)
            " "
            EvalLabels.shortCounts(latest.result)
        } else {
            "none"
        }
    }

    @HTMLBuilder private var guide: [HTML] {
        element(.p) {
            "The gateway serves an agent above stage observe only if a result of its evals covers its prompt, skills, tools, models and policy as they are. Such a result passes, is recent, and is signed by a key that the policy lists in "
            element(.code) { "eval" }
            "."
        }
        element(.p) {
            "A result counts for 14 days at tier high, 30 at medium and 90 at low, or for less if its suite says so. Any change of one of the five parts needs a new result; a change of the policy that only narrows leaves 24 hours for it."
        }
        element(.p) { "The page of an agent has its results and the commands for the next one." }
    }

    private static func address(_ state: GateOutlook.State?, page: Int = 1) -> Link {
        Link(
            "evals",
            query: [("state", state?.rawValue), ("page", page > 1 ? String(page) : nil)])
    }
}
