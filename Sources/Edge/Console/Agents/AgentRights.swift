import InterlockAdministration
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
            element(.p, .style(.empty)) { "Nothing: no tool is shown to it." }
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
            "It is shown \(detail.rights.count) tools and used \(count(.used)) of them since "
            Shape.time(detail.countedSince)
            ". Earlier, and not since then: \(count(.earlier)). Never let through: \(count(.refused))."
            " Never used, as far as is remembered: \(count(.unused))."
        }
        if detail.isIncomplete {
            notice(.warning) {
                "More kinds of calls came than are counted, so a tool may have been used more often."
            }
        }
        element(.p, .style(.hint)) {
            "The verdict is that of a call without arguments; rules with conditions may decide otherwise. "
                + "Its worst case is shown below."
        }
    }

    private func count(_ kind: AgentUse.Kind) -> Int { detail.rights.count { $0.use.kind == kind } }

    private func table(_ rows: ArraySlice<(right: AgentRight, use: AgentUse)>) -> Table {
        Table(
            "Granted, by name",
            ["Tool", "Verdict", "Who approves", "Class and effects", "Rule", "Used"], rows
        ) { right, use in
            let decision = right.decision
            return [
                hyperlink(Link("servers", right.address.server.text)) {
                    SafeText.text(right.address.description)
                },
                .text(decision.verdict.words), .group(approvers(decision)),
                .text(
                    ([decision.toolClass?.rawValue].compactMap(\.self)
                        + decision.effects.effects.map(\.name))
                        .joined(separator: ", ")),
                .group(rule(decision)), .text(use.words),
            ]
        }
    }

    @HTMLBuilder private func approvers(_ decision: Decision) -> [HTML] {
        if decision.quorum == 0 {
            "none"
        } else {
            "\(decision.quorum) of "
            if let group = decision.group { SafeText.text(group) } else { "no group is named" }
        }
    }

    @HTMLBuilder private func rule(_ decision: Decision) -> [HTML] {
        SafeText.text(decision.rule)
        if let place = decision.place {
            ", "
            SafeText.text(place.description)
        }
    }
}

extension Verdict {
    /// The verdict as text for people.
    var words: String {
        switch self {
        case .allow: "allowed"
        case .approve(1): "one person approves"
        case .approve(let people): "\(people) people approve"
        case .deny: "denied"
        }
    }
}

extension AgentUse {
    var words: String {
        switch kind {
        case .used: "\(calls) times" + (refused > 0 ? ", \(refused) refused" : "")
        case .earlier: "earlier" + (refused > 0 ? ", \(refused) refused since" : "")
        case .refused: "never: \(refused) refused"
        case .unused: "never"
        }
    }
}
