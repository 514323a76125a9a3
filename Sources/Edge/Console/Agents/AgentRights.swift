import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

/// The tools visible to an agent, with the verdict for a call, its rule, and the agent's use of the tool.
struct AgentRights {
    let detail: AgentDetail
    let page: Int
    let address: ((inout AgentPage.Slots) -> Void) -> Link

    @HTMLBuilder var content: [HTML] {
        if detail.rights.isEmpty {
            element(.p, .style(.empty)) { "No tools granted" }
        } else {
            let rows = PagedRows(detail.rights, page: page)
            summary
            table(rows.rows).html
            Pager(page: rows.page, pages: rows.pages, label: "Pages of tools") { page in
                address { $0.tools = page }
            }.content
        }
    }

    @HTMLBuilder private var summary: [HTML] {
        element(.p) {
            "\(Shape.count(detail.rights.count, "tool")): \(count(.used)) used since "
            Shape.exact(detail.countedSince)
            ", \(count(.earlier)) used earlier, \(count(.refused)) only denied, \(count(.unused)) never used."
        }
        if detail.isIncomplete {
            notice(.warning) {
                "More kinds of calls came than are counted, so a tool may have been used more often."
            }
        }
        element(.p, .style(.hint)) {
            "A condition that cannot be evaluated, for instance because an argument is missing, gives the stricter outcome."
        }
    }

    private func count(_ kind: AgentUse.Kind) -> Int { detail.rights.count { $0.use.kind == kind } }

    private func table(_ rows: ArraySlice<(right: AgentRight, use: AgentUse)>) -> Table {
        Table(
            "Granted, by name",
            [
                .name("Tool"), .text("Outcome"), .name("Who approves"),
                .text("Class and effects"), .text("Rules"), .state("Used"),
            ], rows, isBroad: true
        ) { right, use in
            [
                hyperlink(Link("servers", right.address.server.text)) {
                    SafeText.name(right.address.description)
                },
                .group(outcome(right)), .group(approvers(right)),
                .text(kinds(right)),
                .group(rules(right)), .text(use.words),
            ]
        }
    }

    /// The class, the effects, and whether a call sends data out.
    private func kinds(_ right: AgentRight) -> String {
        var words = right.effects.map(\.words)
        if let own = right.toolClass?.rawValue { words = [own] + words.filter { $0 != own } }
        if right.sends { words.append(ToolFlow.sendsWords) }
        return words.joined(separator: ", ")
    }

    @HTMLBuilder private func outcome(_ right: AgentRight) -> [HTML] {
        if let outcome = right.outcome {
            SafeText.own(outcome.sentence)
        } else {
            "Calculating"
        }
    }

    @HTMLBuilder private func approvers(_ right: AgentRight) -> [HTML] {
        if let group = right.group { SafeText.text(group) } else { "none" }
    }

    /// The rule of each verdict with its conditions as the policy states them; the guards of grants come first.
    @HTMLBuilder private func rules(_ right: AgentRight) -> [HTML] {
        for text in right.guards {
            element(.p) {
                "granted if "
                SafeText.text(text)
            }
        }
        for part in right.cases {
            element(.p) {
                if right.cases.count > 1 { "\(part.verdict.words): " }
                PolicyLabels.rule(part.rule)
                if let place = part.place {
                    ", "
                    SafeText.text(place.description)
                }
                for (number, condition) in part.conditions.enumerated() {
                    if number == 0 { " if " } else { " or " }
                    SafeText.text(condition.text)
                }
            }
        }
    }
}

extension AgentUse {
    var words: String {
        switch kind {
        case .used: Shape.count(Int(calls), "call") + (refused > 0 ? ", \(refused) denied" : "")
        case .earlier: "earlier" + (refused > 0 ? ", \(refused) denied since" : "")
        case .refused: "never, \(refused) denied"
        case .unused: "never"
        }
    }
}
