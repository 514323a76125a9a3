import InterlockApprovals
import InterlockJSON
import InterlockModel

/// `/approvals`: the pending requests, the nearest deadline first.
struct InboxPage {
    let view: InboxView
    /// True if the page of approver load is available.
    var hasLoad = false

    @HTMLBuilder var content: [HTML] {
        element(.h1) { "Inbox" }
        tabs
        filters
        element(
            .section, .id(Anchor("list")), .flag(.isLive), .text(.version, view.version),
            .text(.label, view.tab.name)
        ) {
            if view.rows.isEmpty { empty } else { list }
        }
    }

    private var tabs: HTML {
        element(.nav, .text(.label, "Which requests")) {
            element(.ul) {
                for tab in InboxView.Tab.allCases {
                    element(.li) { self.tab(tab) }
                }
                if hasLoad {
                    element(.li) { hyperlink(Link("approvals", "load")) { "Load" } }
                }
            }
        }
    }

    private func tab(_ tab: InboxView.Tab) -> HTML {
        let link = address(tab, page: 1)
        let text = "\(tab.name) (\(view.counts[tab] ?? 0))"
        return tab == view.tab
            ? hyperlink(link, .word(.current, "page")) { text }
            : hyperlink(link) { text }
    }

    private var filters: HTML {
        FilterForm(list: address(view.tab, .init(), page: 1), isEmpty: view.filter.isEmpty) {
            Form.hidden("show", view.tab.rawValue)
            FilterForm.text("Agent", "agent", Anchor("filter-agent"), view.filter.agent)
            FilterForm.text("Tool", "tool", Anchor("filter-tool"), view.filter.tool)
            FilterForm.choice(
                "Group", "group", Anchor("filter-group"),
                view.groups.map { (value: $0, words: $0) }, chosen: view.filter.group)
        }.html
    }

    @HTMLBuilder private var empty: [HTML] {
        element(.p, .style(.empty)) {
            switch view.tab {
            case .mine: "Nothing waits for you."
            case .pending: "Nothing waits."
            case .decided: "Nothing was decided yet."
            }
            if !view.filter.isEmpty { " The filter hides what does not match it." }
            if let last = view.lastDecided {
                " The last request was decided "
                Shape.time(last)
                "."
            } else if view.tab != .decided {
                " No request was decided yet."
            }
        }
    }

    @HTMLBuilder private var list: [HTML] {
        table.html
        Pager(page: view.page, pages: view.pages) { address(view.tab, page: $0) }.content
    }

    private var table: Table {
        Table(
            "\(view.tab.name), page \(view.page) of \(view.pages)",
            [
                "Tool", "Agent", "Target", "Tier", view.tab == .decided ? "State" : "Due",
                "Approvals",
            ],
            view.rows
        ) { row in
            [
                hyperlink(Link("approvals", row.id.shown)) {
                    SafeText.text(row.review.call.address.description)
                },
                .safe(row.review.call.agent.text),
                row.review.facts["target"]?.string.map { .safe($0) } ?? .text("Not declared"),
                Shape.tier(row.decision.tier),
                view.tab == .decided
                    ? .text(row.state.rawValue)
                    : .group([
                        .text(Shape.left(until: row.expires, from: view.now) + ", "),
                        Shape.time(row.expires),
                    ]),
                .group([.text("\(row.decision.quorum) of ")] + SafeText.text(row.decision.group)),
            ]
        }
    }

    private func address(_ tab: InboxView.Tab, page: Int) -> Link {
        address(tab, view.filter, page: page)
    }

    private func address(_ tab: InboxView.Tab, _ filter: InboxView.Filter, page: Int) -> Link {
        Link(
            "approvals",
            query: [
                ("show", tab.rawValue), ("agent", filter.agent), ("tool", filter.tool),
                ("group", filter.group), ("page", page > 1 ? String(page) : nil),
            ])
    }
}
