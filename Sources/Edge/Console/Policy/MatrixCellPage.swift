import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// `/policy/matrix/AGENT/SERVER`: the tools of one cell, each with its outcome, the rules and their locations.
struct MatrixCellPage {
    let detail: MatrixDetail
    let tools: PagedRows<MatrixDetail.Tool>

    init(detail: MatrixDetail, page: Int) {
        self.detail = detail
        tools = PagedRows(detail.tools, page: page)
    }

    var title: String { "\(detail.agent.name.text) at \(detail.server.text)" }

    var header: PageHeader {
        var header = PageHeader(
            title, kind: "Agent and server",
            back: .init(words: "Matrix", link: PolicyRoute.matrix.link),
            detail.held.isEmpty
                ? StatusBadge(.plain, Shape.count(tools.count, "tool"), from: Self.evidence)
                : StatusBadge(.attention, "Denied now", from: Self.evidence))
        let free = detail.tools.count { $0.lines.isEmpty }
        if free > 0 { header.fact("By the stage") { "\(free)" } }
        header.fact("Tier") { Shape.tier(detail.agent.tier) }
        header.fact("Stage") { detail.agent.stageText }
        header.add(HeaderAction("Show agent", Link("agents", detail.agent.name.text)))
        header.add(HeaderAction("Show server", Link("servers", detail.server.text)))
        return header
    }

    private static let evidence = "The policy in force and the stage at which the agent acts."

    @HTMLBuilder var content: [HTML] {
        if !detail.held.isEmpty {
            notice(.warning) {
                "Every call of the agent is denied now, because of \(detail.held.joined(separator: ", ")). "
                    + "The outcomes are those without this."
            }
        }
        if tools.count == 0 {
            element(.p, .style(.empty)) { "The policy gives the agent no tool of this server." }
        } else {
            element(.p, .style(.hint)) { PolicyLabels.policyAlone }
            table.html
            tools.pager {
                Link(
                    "policy", "matrix", detail.agent.name.text, detail.server.text,
                    query: [("page", $0)])
            }
        }
    }

    private var table: Table {
        Table(
            "\(Shape.count(tools.count, "tool")), by name\(tools.place)",
            [.name("Tool"), .text("Outcome"), .text("Class and effects"), .text("Decided by")],
            tools.rows
        ) { tool in
            [
                .name(tool.address.tool.text), .own(tool.sentence),
                .text(
                    ([tool.toolClass.rawValue]
                        + tool.effects.map(\.words).filter {
                            $0 != tool.toolClass.rawValue
                        }).joined(separator: ", ")),
                .group(lines(tool.lines)),
            ]
        }
    }

    @HTMLBuilder private func lines(_ lines: [MatrixDetail.Line]) -> [HTML] {
        if lines.isEmpty { "the agent's stage" }
        for line in lines {
            element(.p) {
                if lines.count > 1 {
                    SafeText.own(line.words)
                    ": "
                }
                PolicyLabels.rule(line.rule)
                ", "
                PolicyLabels.place(line.place)
            }
        }
    }
}
