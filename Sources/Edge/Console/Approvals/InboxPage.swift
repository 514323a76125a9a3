import InterlockApprovals
import InterlockModel

/// `/approvals`: what waits, the nearest end first.
struct InboxPage {
    let view: InboxView

    @HTMLBuilder var content: [HTML] {
        element(.h1) { "Approvals" }
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
            }
        }
    }

    private func tab(_ tab: InboxView.Tab) -> HTML {
        let link = address(tab, page: 1)
        let text = "\(tab.name) (\(view.counts[tab] ?? 0))"
        return tab == view.tab
            ? element(.a, .link(.href, link), .word(.current, "page")) { text }
            : element(.a, .link(.href, link)) { text }
    }

    private var filters: HTML {
        element(
            .form, .style(.filters), .word(.method, "get"), .link(.action, Link("approvals")),
            .word(.role, "search"), .text(.label, "Filter")
        ) {
            Form.hidden("show", view.tab.rawValue)
            Form.field(
                "Agent", Anchor("filter-agent"),
                text("agent", Anchor("filter-agent"), view.filter.agent))
            Form.field(
                "Tool", Anchor("filter-tool"),
                text("tool", Anchor("filter-tool"), view.filter.tool))
            Form.field("Group", Anchor("filter-group"), groups)
            element(.button, .word(.type, "submit")) { "Filter" }
            if !view.filter.isEmpty {
                element(
                    .a, .link(.href, Link("approvals", query: [("show", view.tab.rawValue)]))
                ) { "Show all" }
            }
        }
    }

    private func text(_ name: StaticString, _ id: Anchor, _ value: String?) -> HTML {
        .empty(
            .input,
            [
                .word(.type, "text"), .word(.name, name), .id(id), .text(.value, value ?? ""),
                .word(.autocomplete, "off"), .word(.autocapitalize, "none"),
                .word(.spellcheck, "false"), .number(.maxlength, 256),
            ])
    }

    private var groups: HTML {
        element(.select, .word(.name, "group"), .id(Anchor("filter-group"))) {
            element(.option, .text(.value, "")) { "all" }
            for group in view.groups {
                if group == view.filter.group {
                    element(.option, .text(.value, group), .flag(.selected)) {
                        ShownLine.text(group)
                    }
                } else {
                    element(.option, .text(.value, group)) { ShownLine.text(group) }
                }
            }
        }
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
        if view.pages > 1 { pager }
    }

    private var table: Table {
        var table = Table(
            caption: "\(view.tab.name), page \(view.page) of \(view.pages)",
            columns: [
                "Tool", "Agent", "Target", "Tier", view.tab == .decided ? "State" : "Ends", "Needs",
            ])
        table.rows = view.rows.map { row in
            [
                element(.a, .link(.href, Link("approvals", row.id.shown))) { Shown.text(row.tool) },
                .group(Shown.text(row.agent)),
                row.target.map { .group(Shown.text($0)) } ?? .text("none named"),
                Shape.tier(row.tier),
                view.tab == .decided
                    ? .text(row.state.rawValue)
                    : .group([
                        .text(Shape.left(until: row.expires, from: view.now) + ", "),
                        Shape.time(row.expires),
                    ]),
                .group([.text("\(row.quorum) of ")] + Shown.text(row.group)),
            ]
        }
        return table
    }

    private var pager: HTML {
        element(.nav, .style(.pager), .text(.label, "Pages")) {
            if view.page > 1 {
                element(.a, .link(.href, address(view.tab, page: view.page - 1))) { "Earlier" }
            }
            element(.span) { "Page \(view.page) of \(view.pages)" }
            if view.page < view.pages {
                element(.a, .link(.href, address(view.tab, page: view.page + 1))) { "Later" }
            }
        }
    }

    private func address(_ tab: InboxView.Tab, page: Int) -> Link {
        Link(
            "approvals",
            query: [
                ("show", tab.rawValue), ("agent", view.filter.agent), ("tool", view.filter.tool),
                ("group", view.filter.group), ("page", page > 1 ? String(page) : nil),
            ])
    }
}
