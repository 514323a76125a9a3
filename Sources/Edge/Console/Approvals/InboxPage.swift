import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockMarkup
import InterlockModel

/// `/approvals`: the pending requests and the other work that waits for people, the nearest deadline first unless another
/// order is chosen.
struct InboxPage {
    let view: InboxView
    /// True if the page of approver load is available.
    var hasLoad = false

    var header: PageHeader {
        let mine = view.counts[.mine] ?? 0
        let isLate = next?.due.map { $0 <= view.now } ?? false
        var header = PageHeader(
            "Inbox",
            StatusBadge(
                mine == 0 ? .plain : isLate ? .attention : .pending,
                mine == 0 ? "Nothing for you" : "\(mine) for you" + (isLate ? ", overdue" : ""),
                from: "The requests and tasks that you can decide now."))
        if let due = next?.due { header.fact("Next due") { Shape.time(due) } }
        if let last = view.lastDecided { header.fact("Last decision") { Shape.time(last) } }
        if let link = next?.link { header.primary = HeaderAction("Open the next", link) }
        return header
    }

    /// The line of this person that is due first; nil if another list or page is shown.
    private var next: InboxRow? {
        view.tab == .mine && view.page == 1 ? view.first : nil
    }

    @HTMLBuilder var content: [HTML] {
        tabs
        kinds
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
                    element(.li) { hyperlink(PeopleRoute.workload.link) { "Workload" } }
                }
            }
        }
    }

    private func tab(_ tab: InboxView.Tab) -> HTML {
        // The lists have different columns, so another one begins in its own order.
        let link = address(tab, view.filter, order: nil, page: 1)
        let text = "\(tab.name) (\(view.counts[tab] ?? 0))"
        return hyperlink(link, isCurrent: tab == view.tab) { text }
    }

    /// A link for each kind that the tab has; nothing where there is one kind alone.
    @HTMLBuilder private var kinds: [HTML] {
        let kinds = InboxRow.Kind.allCases.filter { view.kinds[$0, default: 0] > 0 }
        if kinds.count > 1 || view.filter.kind != nil {
            FilterChips(
                label: "Which kinds", all: kind(nil).link,
                chips: [kind(nil)] + kinds.map(kind)
            ).html
        }
    }

    private func kind(_ kind: InboxRow.Kind?) -> FilterChips.Chip {
        var filter = view.filter
        filter.kind = kind
        return FilterChips.Chip(
            kind?.name ?? "All",
            kind.map { view.kinds[$0, default: 0] } ?? view.kinds.values.reduce(0, +),
            address(view.tab, filter, page: 1), isChosen: view.filter.kind == kind)
    }

    private var filters: HTML {
        FilterForm(
            list: address(view.tab, .init(), page: 1), isEmpty: view.filter.isEmpty,
            values: [view.filter.agent, view.filter.tool, view.filter.group]
        ) {
            Form.hidden("show", view.tab.rawValue)
            if let kind = view.filter.kind { Form.hidden("kind", kind.text) }
            if let order = view.order { Form.hidden("sort", order.text) }
            FilterForm.text("Agent", "agent", Anchor("filter-agent"), view.filter.agent)
            FilterForm.text("Tool", "tool", Anchor("filter-tool"), view.filter.tool)
            FilterForm.choice(
                "Group", "group", Anchor("filter-group"),
                view.groups.map { (value: $0, words: $0) }, chosen: view.filter.group)
        }.html
    }

    @HTMLBuilder private var empty: [HTML] {
        if view.filter.isEmpty {
            EmptyList.html(emptyWords, all) {
                if let last = view.lastDecided {
                    " Last decision "
                    Shape.time(last)
                    "."
                } else if view.tab == .mine || view.tab == .pending {
                    " No request was decided yet."
                }
            }
        } else {
            EmptyList.noMatch(address(view.tab, .init(), page: 1))
        }
    }

    private var emptyWords: String {
        switch view.tab {
        case .mine: "Nothing waits for you."
        case .pending: "No pending requests."
        case .sent: "No request of yours is pending."
        case .decided: "No decision yet."
        }
    }

    /// The list that may have what this one has not.
    private var all: (words: String, link: Link)? {
        view.tab == .mine && view.counts[.pending, default: 0] > 0
            ? ("Show all pending", address(.pending, view.filter, order: nil, page: 1)) : nil
    }

    @HTMLBuilder private var list: [HTML] {
        if view.tab == .decided {
            table("Decided\(order), page \(view.page) of \(view.pages)", view.rows)
        } else if let order = view.order, order != InboxView.Sorting(.due) {
            table(view.tab.name + self.order, view.rows)
        } else {
            for (place, group) in groups.enumerated() {
                table(group.name, group.rows, isSorting: place == 0)
            }
        }
        Pager(
            page: view.page, pages: view.pages,
            range: Paging.range(view.page, of: view.count, size: InboxView.pageSize)
        ) { address(view.tab, page: $0) }.content
    }

    private var groups: [(name: String, rows: [InboxRow])] {
        InboxDeadline.allCases.map { deadline in
            (
                deadline.name,
                view.rows.filter { InboxDeadline($0.due, at: view.now) == deadline }
            )
        }.filter { !$0.rows.isEmpty }
    }

    /// ", by agent", for a caption; empty for the order of the list itself.
    private var order: String {
        guard let order = view.order else { return "" }
        let column =
            switch order.column {
            case .due: "deadline"
            case .agent: "agent"
            case .tool: "tool"
            case .tier: "tier"
            }
        return ", " + order.caption(column)
    }

    private var headers: SortedHeaders<InboxView.Column> {
        let usual = view.tab == .decided ? nil : InboxView.Sorting(.due)
        return SortedHeaders(in: view.order ?? usual, startingDescending: [.tier]) { [self] in
            address(view.tab, view.filter, order: $0, page: 1)
        }
    }

    /// - Parameter isSorting: true if its header sorts the list. Of several tables that are one list, the first does.
    private func table(_ caption: String, _ rows: [InboxRow], isSorting: Bool = true) -> HTML {
        let headers = headers
        func column(_ column: Column, by key: InboxView.Column) -> Column {
            isSorting && view.tab.columns.contains(key) ? headers.column(column, by: key) : column
        }
        return Table(
            caption,
            [
                column(.name("What"), by: .tool), column(.name("Agent", .second), by: .agent),
                .text("About"),
                column(
                    view.tab == .sent ? .name("Who can decide") : .state("Tier", .second),
                    by: .tier),
                column(view.tab == .decided ? .state("State") : .time("Due"), by: .due),
                .state("Approvals needed", .second),
            ], rows, isLinked: true
        ) { row in
            switch row {
            case .request(let request): cells(request)
            case .task(let task): cells(task)
            }
        }.html
    }

    private func cells(_ request: ApprovalRequest) -> [HTML] {
        [
            hyperlink(Link("approvals", request.id.shown)) {
                SafeText.name(request.review.call.address.description)
            },
            .safe(request.review.call.agent.text),
            .group(CallSummary(request.review).html),
            Shape.tier(request.decision.tier),
            view.tab == .decided ? .text(request.state.rawValue) : Shape.time(request.expires),
            .group(request.decision.approversNeeded),
        ]
    }

    private func cells(_ task: InboxTask) -> [HTML] {
        [
            .group([
                InboxRow.task(task).kind.icon.html, .text(" "),
                task.link.map { hyperlink($0) { SafeText.own(task.title) } }
                    ?? .own(task.title),
            ]),
            task.agent.map { .safe($0.text) } ?? .text("–"),
            .group(about(task)),
            view.tab == .sent ? .group(deciders(of: task)) : .text("–"),
            task.due.map(Shape.time)
                ?? .group([.text("No deadline, raised "), Shape.time(task.since)]),
            .text(
                task.need.map { "\($0), \(task.signed) signed" }
                    ?? (task.signed > 0 ? "\(task.signed) signed" : "–")),
        ]
    }

    /// The stated reason, and how it is done if no page does it.
    @HTMLBuilder private func about(_ task: InboxTask) -> [HTML] {
        if let reason = task.reason { SafeText.text(reason) }
        if let command = task.command, task.isMine {
            element(.p, .style(.hint)) {
                if task.kind == .enrolment {
                    "Have the holder of the credential read its ID to you, then run "
                } else {
                    "Run "
                }
                element(.code) { command }
            }
        } else if task.reason == nil {
            "–"
        }
    }

    /// The people who can act next, the first few by name.
    @HTMLBuilder private func deciders(of task: InboxTask) -> [HTML] {
        let most = 5
        if task.kind == .resume, let need = task.need, task.signed >= need {
            "No other person: it takes effect by itself"
        } else if task.deciders.isEmpty {
            "No enrolled person"
        }
        PolicyLabels.people(Array(task.deciders.prefix(most)))
        if task.deciders.count > most { ", and \(task.deciders.count - most) more" }
    }

    private func address(_ tab: InboxView.Tab, page: Int) -> Link {
        address(tab, view.filter, page: page)
    }

    private func address(_ tab: InboxView.Tab, _ filter: InboxView.Filter, page: Int) -> Link {
        address(tab, filter, order: view.order, page: page)
    }

    private func address(
        _ tab: InboxView.Tab, _ filter: InboxView.Filter, order: InboxView.Sorting?, page: Int
    ) -> Link {
        Link(
            "approvals",
            query: [
                ("show", tab.rawValue), ("kind", filter.kind?.text), ("agent", filter.agent),
                ("tool", filter.tool), ("group", filter.group), ("sort", order?.text),
                ("page", page > 1 ? String(page) : nil),
            ])
    }
}
