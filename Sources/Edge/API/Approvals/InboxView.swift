package import InterlockAdministration
package import InterlockApprovals
import InterlockJSON
package import InterlockModel

/// The values that the inbox shows; selects and orders the requests and tasks.
package struct InboxView {
    package enum Tab: String, CaseIterable {
        case mine, pending, sent, decided
        package var name: String {
            switch self {
            case .mine: "For you"
            case .pending: "All pending"
            case .sent: "Sent by me"
            case .decided: "Decided"
            }
        }
    }

    /// Restricts the list. A tool or a group restricts it to approval requests.
    package struct Filter: Equatable {
        package var kind: InboxRow.Kind?
        package var agent: String?
        package var tool: String?
        package var group: String?
        package var isEmpty: Bool { self == Filter() }

        package init(
            kind: InboxRow.Kind? = nil, agent: String? = nil, tool: String? = nil,
            group: String? = nil
        ) {
            self.kind = kind
            self.agent = agent
            self.tool = tool
            self.group = group
        }
    }

    package typealias Sorting = ListOrder<Column>

    /// The columns by which the list can be ordered.
    package enum Column: String, Sendable, CaseIterable {
        case due, agent
        /// The tools of approval requests; other tasks come last.
        case tool
        /// The tiers of approval requests; other tasks come last.
        case tier
    }

    package static let pageSize = 50

    package let tab: Tab
    package let filter: Filter
    /// Is nil for the nearest deadline first, and the latest decision first of decided requests. Rows with the same value
    /// are in that order too.
    package let order: Sorting?
    package let now: Timestamp
    /// The page number, from 1.
    package let page: Int
    package let pages: Int
    /// The number of rows of all pages.
    package let count: Int
    package let counts: [Tab: Int]
    /// The number of rows of the tab by their kind, without the filter.
    package let kinds: [InboxRow.Kind: Int]
    /// The rows of this page.
    package let rows: [InboxRow]
    /// The row of the nearest deadline, on whichever page it is; the latest decision of decided requests.
    package let first: InboxRow?
    /// The groups of all requests visible to the viewer, for the filter.
    package let groups: [String]
    package let lastDecided: Timestamp?

    /// - Parameter page: from 1; a number above the last page means the last page.
    package init(
        _ requests: [ApprovalRequest], _ tasks: [InboxTask] = [], viewer: Person, tab: Tab,
        filter: Filter, order: Sorting? = nil, page: Int, now: Timestamp
    ) {
        self.order = order
        self.tab = tab
        self.filter = filter
        self.now = now
        // One pass, because there may be ten thousand.
        var mine = 0
        var pending = 0
        var groups: Set<ExactText> = []
        var lastDecided: Timestamp?
        var approvals = 0
        var chosen: [ListRank] = []
        let isUnfiltered = filter.isEmpty
        var lastGroup: String?
        for place in requests.indices {
            let request = requests[place]
            let isPending = request.state == .pending
            let isMine = isPending && request.waits(for: viewer)
            if isPending { pending += 1 }
            if isMine { mine += 1 }
            // Most are of the group of the one before.
            let group = request.review.decision.group
            if group != lastGroup {
                groups.insert(ExactText(group))
                lastGroup = group
            }
            if !isPending { lastDecided = max(lastDecided ?? request.latest, request.latest) }
            let isListed =
                switch tab {
                case .mine: isMine
                case .pending: isPending
                // An unused approval is decided, since no votes are possible any more.
                case .decided: !isPending
                // Agents ask for approvals, people do not.
                case .sent: false
                }
            guard isListed else { continue }
            approvals += 1
            guard isUnfiltered || filter.passes(request) else { continue }
            let time = tab == .decided ? request.latest : request.expires
            chosen.append(ListRank(time, request.id, at: place))
        }
        let listed = tasks.filter(tab.has)
        for (place, task) in listed.enumerated() where filter.passes(task) {
            chosen.append(
                ListRank(task.due ?? Timestamp(microseconds: .max), at: requests.count + place))
        }
        counts = [
            .mine: mine + tasks.count(where: \.isMine), .pending: pending + tasks.count,
            .sent: tasks.count(where: \.isSent), .decided: requests.count - pending,
        ]
        kinds = Dictionary(grouping: listed) { InboxRow.Kind.task($0.kind) }.mapValues(\.count)
            .merging([.approval: approvals]) { $1 }
        self.groups = groups.map(\.text).sorted()
        self.lastDecided = lastDecided
        // Pending requests: the nearest deadline first. Decided requests: the latest first.
        chosen.sortByTime(latestFirst: tab == .decided)
        func row(at place: Int) -> InboxRow {
            place < requests.count
                ? .request(requests[place]) : .task(listed[place - requests.count])
        }
        first = chosen.first.map { row(at: $0.place) }
        if let order { chosen.sort(by: order, row) }
        count = chosen.count
        pages = max(1, (chosen.count + Self.pageSize - 1) / Self.pageSize)
        self.page = min(max(1, page), pages)
        rows = chosen.dropFirst((self.page - 1) * Self.pageSize).prefix(Self.pageSize)
            .map { row(at: $0.place) }
    }

    /// Changes whenever the displayed list changes.
    package var version: String {
        let rows = rows.map(\.version)
        let counts = Tab.allCases.map { String(self.counts[$0] ?? 0) }
        return (counts + rows).joined(separator: " ")
    }
}

extension [ListRank] {
    /// - Parameter row: returns the row at a position.
    fileprivate mutating func sort(by order: InboxView.Sorting, _ row: (Int) -> InboxRow) {
        let isDescending = order.isDescending
        switch order.column {
        case .due: sort(isDescending: isDescending, byNumber: { row($0).due?.microseconds })
        case .agent: sort(isDescending: isDescending, byText: { row($0).agent })
        case .tool: sort(isDescending: isDescending, byText: { row($0).tool })
        case .tier: sort(isDescending: isDescending, byNumber: { row($0).level })
        }
    }
}

extension InboxRow {
    fileprivate var agent: String? {
        switch self {
        case .request(let request): request.review.call.agent.text
        case .task(let task): task.agent?.text
        }
    }

    fileprivate var tool: String? {
        guard case .request(let request) = self else { return nil }
        return request.review.call.address.description
    }

    /// The position of its tier, which is higher for a higher one.
    fileprivate var level: Int64? {
        guard case .request(let request) = self else { return nil }
        return Tier.allCases.firstIndex(of: request.decision.tier).map(Int64.init)
    }
}

extension InboxView.Tab {
    /// The columns of its list, by which it can be ordered.
    package var columns: Set<InboxView.Column> {
        switch self {
        case .mine, .pending: [.due, .agent, .tool, .tier]
        case .sent: [.due, .agent, .tool]
        case .decided: [.agent, .tool, .tier]
        }
    }

    /// Returns nil if the text names no column of its list.
    package func order(_ text: String) -> InboxView.Sorting? {
        InboxView.Sorting(text).flatMap { columns.contains($0.column) ? $0 : nil }
    }

    func has(_ task: InboxTask) -> Bool {
        switch self {
        case .mine: task.isMine
        case .pending: true
        case .sent: task.isSent
        case .decided: false
        }
    }
}

extension InboxView.Filter {
    fileprivate func passes(_ request: ApprovalRequest) -> Bool {
        (kind ?? .approval) == .approval
            && (agent.map { $0 == request.review.call.agent.text } ?? true)
            && (tool.map { $0 == request.review.call.address.description } ?? true)
            && (group.map { $0 == request.decision.group } ?? true)
    }

    fileprivate func passes(_ task: InboxTask) -> Bool {
        (kind.map { $0 == .task(task.kind) } ?? true) && tool == nil && group == nil
            && (agent.map { $0 == task.agent?.text } ?? true)
    }
}
