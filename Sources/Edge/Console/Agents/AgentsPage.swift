import InterlockAdministration
import InterlockModel

/// `/agents`: all agents visible to the viewer, by name.
struct AgentsPage {
    let listing: AgentListing
    let filter: AgentFilter

    @HTMLBuilder var content: [HTML] {
        element(.h1) { "Agents" }
        filters
        liveCard(Anchor("agents"), Shape.count(listing.count, "agent")) { list }
    }

    private var filters: HTML {
        FilterForm(list: Link("agents"), isEmpty: filter == AgentFilter()) {
            FilterForm.text("Name", "name", Anchor("filter-name"), filter.name)
            FilterForm.text("Owner", "owner", Anchor("filter-owner"), filter.owner)
            FilterForm.choice(
                "Tier", "tier", Anchor("filter-tier"),
                Tier.allCases.map { ($0.rawValue, $0.rawValue) },
                chosen: filter.tier?.rawValue)
            FilterForm.choice(
                "Stage", "stage", Anchor("filter-stage"),
                TrustStage.allCases.map { ($0.rawValue, $0.rawValue) },
                chosen: filter.stage?.rawValue)
            FilterForm.choice(
                "State", "state", Anchor("filter-state"),
                AgentFilter.State.allCases.map { ($0.rawValue, $0.words) },
                chosen: filter.state?.rawValue)
            FilterForm.text("Server", "server", Anchor("filter-server"), filter.server?.text)
        }.html
    }

    @HTMLBuilder private var list: [HTML] {
        if listing.isIncomplete {
            notice(.warning) {
                "More kinds of refusals came than are counted, so some agents show too few."
            }
        }
        if listing.lines.isEmpty {
            element(.p, .style(.empty)) {
                filter == AgentFilter()
                    ? "There is no agent that you see: you answer for none, and have no role."
                    : "No agent that you see fits the filter."
            }
        } else {
            table.html
            Pager(page: listing.page, pages: listing.pages, address: address).content
        }
    }

    private var table: Table {
        Table(
            "By name, page \(listing.page) of \(listing.pages)",
            [
                "Agent", "Owner", "Tier", "Stage", "Review by", "State", "In progress",
                "Last hour",
            ], listing.lines
        ) { line in
            [
                hyperlink(Link("agents", line.name.text)) { SafeText.text(line.name.text) },
                line.owner.map { .safe($0.address) } ?? .text("none"),
                Shape.tier(line.tier), .text(line.stage.rawValue), .group(AgentState.review(line)),
                .group(AgentState.words(line)), .text("\(line.callsInFlight)"),
                .group(Sparkline(line).content),
            ]
        }
    }

    private func address(page: Int) -> Link {
        Link(
            "agents",
            query: [
                ("name", filter.name), ("owner", filter.owner), ("tier", filter.tier?.rawValue),
                ("stage", filter.stage?.rawValue), ("state", filter.state?.rawValue),
                ("server", filter.server?.text), ("page", page > 1 ? String(page) : nil),
            ])
    }
}
