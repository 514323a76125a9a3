import InterlockAdministration
import InterlockChangeGate
import InterlockMarkup
import InterlockModel

/// `/agents`: all agents visible to the viewer, by name.
struct AgentsPage {
    let listing: AgentListing
    let filter: AgentFilter
    /// False if the viewer sees no agent, whatever the gateway has.
    let seesSome: Bool
    /// The warnings of the change gate.
    var warnings: [AgentName: GateOutlook] = [:]

    static let noAccess = "Agents are visible to their owners and to people with a role."

    private var isHidden: Bool { listing.count == 0 && !seesSome }

    var header: PageHeader {
        let open = listing.lines.count(where: needsAttention)
        let place = listing.pages > 1 ? " on this page" : ""
        let badge =
            if isHidden {
                StatusBadge(.unknown, "No access to agents", from: Self.evidence)
            } else if listing.count == 0 {
                StatusBadge(.plain, filter.isEmpty ? "No agents" : "No match", from: Self.evidence)
            } else if open > 0 {
                StatusBadge(
                    .attention, "\(open) \(open == 1 ? "needs" : "need") attention\(place)",
                    from: Self.evidence)
            } else {
                StatusBadge(
                    listing.pages > 1 ? .plain : .working, "None needs attention\(place)",
                    from: Self.evidence)
            }
        var header = PageHeader("Agents", badge)
        if !isHidden {
            header.fact("Listed") {
                listing.pages > 1
                    ? Paging.range(listing.page, of: listing.count, size: AgentListing.pageSize)
                    : "\(listing.count)"
            }
        }
        return header
    }

    private static let evidence =
        "The halts, paused runs, review dates, policies and evals of the agents that are listed."

    private func needsAttention(_ line: AgentSummary) -> Bool {
        line.halt != nil || line.heldRuns > 0 || !line.faults.isEmpty || line.review == .overdue
            || warnings[line.name] != nil
    }

    @HTMLBuilder var content: [HTML] {
        states
        filters
        liveCard(
            Anchor("agents"), isHidden ? "Agents" : Shape.count(listing.count, "agent")
        ) { list }
    }

    /// The states as links. Only the chosen one is counted: counting each would walk all agents once more.
    private var states: HTML {
        let all = address(nil)
        return FilterChips(
            label: "Which states", all: all,
            chips: [
                .init(
                    "All", filter.state == nil && !isHidden ? listing.count : nil, all,
                    isChosen: filter.state == nil)
            ]
                + AgentFilter.State.allCases.map { state in
                    .init(
                        state.title, filter.state == state ? listing.count : nil, address(state),
                        isChosen: filter.state == state)
                }
        ).html
    }

    private func address(_ state: AgentFilter.State?) -> Link {
        var filter = filter
        filter.state = state
        return Self.address(filter, page: 1)
    }

    private var filters: HTML {
        FilterForm(
            list: Link("agents"), isEmpty: filter.isEmpty,
            values: [
                filter.name, filter.owner, filter.tier?.rawValue, filter.stage?.rawValue,
                filter.server?.text,
            ]
        ) {
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
            if let state = filter.state { Form.hidden("state", state.rawValue) }
            if let order = filter.order { Form.hidden("sort", order.text) }
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
            if isHidden {
                EmptyList.html(Self.noAccess)
            } else if filter.isEmpty {
                EmptyList.html("The policy names no agent.")
            } else {
                EmptyList.noMatch(Link("agents"))
            }
        } else {
            table.html
            Pager(
                page: listing.page, pages: listing.pages,
                range: Paging.range(listing.page, of: listing.count, size: AgentListing.pageSize),
                address: address
            ).content
        }
    }

    private var table: Table {
        let headers = headers
        return Table(
            caption,
            [
                headers.column(.name("Agent"), by: .name),
                headers.column(.name("Owner", .second), by: .owner),
                headers.column(.state("Tier"), by: .tier),
                headers.column(.state("Stage", .third), by: .stage),
                headers.column(.state("Review by", .second), by: .review), .state("State"),
                headers.column(.number("In progress", .third), by: .calls),
                headers.column(.state("Last hour"), by: .denied),
            ], listing.lines, isLinked: true
        ) { line in
            [
                hyperlink(Link("agents", line.name.text)) { SafeText.name(line.name.text) },
                line.owner.map { Shape.person($0) } ?? .text("none"),
                Shape.tier(line.tier), .text(line.stage.rawValue), .group(AgentState.review(line)),
                .group(AgentState.words(line, warnings[line.name])),
                .text("\(line.callsInFlight)"),
                .group(Sparkline(line).content),
            ]
        }
    }

    private var order: AgentFilter.Sorting { filter.order ?? AgentFilter.Sorting(.name) }

    private var caption: String {
        let column =
            switch order.column {
            case .name: "name"
            case .owner: "owner"
            case .tier: "tier"
            case .stage: "stage"
            case .review: "date of review"
            case .calls: "calls in progress"
            case .denied: "calls denied in the last hour"
            }
        return "Agents, " + order.caption(column)
    }

    private var headers: SortedHeaders<AgentFilter.Column> {
        SortedHeaders(in: order, startingDescending: [.tier, .calls, .denied]) { [filter] order in
            var other = filter
            other.order = order
            return Self.address(other, page: 1)
        }
    }

    private func address(page: Int) -> Link { Self.address(filter, page: page) }

    private static func address(_ filter: AgentFilter, page: Int) -> Link {
        Link(
            "agents",
            query: [
                ("name", filter.name), ("owner", filter.owner), ("tier", filter.tier?.rawValue),
                ("stage", filter.stage?.rawValue), ("state", filter.state?.rawValue),
                ("server", filter.server?.text), ("sort", filter.order?.text),
                ("page", page > 1 ? String(page) : nil),
            ])
    }
}
