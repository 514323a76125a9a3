import InterlockApprovals
import InterlockJSON
import InterlockModel

/// What the inbox shows, as values; which of the requests, and in which order, is decided here.
struct InboxView {
    enum Tab: String, CaseIterable {
        case mine, pending, decided
        var name: String {
            switch self {
            case .mine: "Mine to decide"
            case .pending: "All pending"
            case .decided: "Decided"
            }
        }
    }

    struct Filter: Equatable {
        var agent: String?
        var tool: String?
        var group: String?
        var isEmpty: Bool { self == Filter() }
    }

    struct Row {
        let id: ApprovalID
        let agent: String
        let tool: String
        /// From the tool's template; nil where it has none.
        let target: String?
        let tier: Tier
        let state: ApprovalState
        let quorum: Int
        let group: String
        let expires: Timestamp
    }

    static let pageSize = 50

    let tab: Tab
    let filter: Filter
    let now: Timestamp
    /// From 1.
    let page: Int
    let pages: Int
    let counts: [Tab: Int]
    /// Of this page.
    let rows: [Row]
    /// Groups among all that the viewer sees, to choose from.
    let groups: [String]
    let lastDecided: Timestamp?

    /// - Parameter page: from 1; beyond the last it is the last.
    init(
        _ requests: [ApprovalRequest], viewer: Person, tab: Tab, filter: Filter, page: Int,
        now: Timestamp
    ) {
        self.tab = tab
        self.filter = filter
        self.now = now
        var counts: [Tab: Int] = [:]
        var chosen: [Rank] = []
        for (place, request) in requests.enumerated() {
            for candidate in Tab.allCases where candidate.has(request, for: viewer) {
                counts[candidate, default: 0] += 1
                if candidate == tab, filter.passes(request) {
                    chosen.append(Rank(request, at: place, in: tab))
                }
            }
        }
        self.counts = counts
        // What ends first comes first; of what has ended, the latest.
        chosen.sort { tab == .decided ? $1 < $0 : $0 < $1 }
        pages = max(1, (chosen.count + Self.pageSize - 1) / Self.pageSize)
        self.page = min(max(1, page), pages)
        rows = chosen.dropFirst((self.page - 1) * Self.pageSize).prefix(Self.pageSize)
            .map { Row(requests[$0.place]) }
        groups = Set(requests.lazy.map(\.decision.group)).sorted()
        lastDecided = requests.lazy.filter { $0.state != .pending }.map(\.latest).max()
    }

    /// Changes whenever the list looks otherwise.
    var version: String {
        let rows = rows.map { "\($0.id.text).\($0.state.rawValue).\($0.quorum)" }
        let counts = Tab.allCases.map { String(self.counts[$0] ?? 0) }
        return (counts + rows).joined(separator: " ")
    }
}

/// What a request is ordered by, and where it is. Ten thousand are put in order for each page, so this is small.
private struct Rank: Comparable {
    let time: Timestamp
    let id: String
    let place: Int

    init(_ request: ApprovalRequest, at place: Int, in tab: InboxView.Tab) {
        time = tab == .decided ? request.latest : request.expires
        id = request.id.text
        self.place = place
    }

    static func < (a: Rank, b: Rank) -> Bool { (a.time, a.id) < (b.time, b.id) }
}

extension InboxView.Tab {
    /// A grant that nobody has used yet is decided: there is nothing to decide any more.
    func has(_ request: ApprovalRequest, for viewer: Person) -> Bool {
        switch self {
        case .pending: request.state == .pending
        case .decided: request.state != .pending
        case .mine:
            request.state == .pending && request.voters.contains { $0.person == viewer }
                && !request.votes.contains { $0.person == viewer }
        }
    }
}

extension InboxView.Filter {
    fileprivate func passes(_ request: ApprovalRequest) -> Bool {
        (agent.map { $0 == request.review.call.agent.text } ?? true)
            && (tool.map { $0 == request.review.call.address.description } ?? true)
            && (group.map { $0 == request.decision.group } ?? true)
    }
}

extension InboxView.Row {
    fileprivate init(_ request: ApprovalRequest) {
        self.init(
            id: request.id, agent: request.review.call.agent.text,
            tool: request.review.call.address.description,
            target: request.review.facts["target"]?.string, tier: request.decision.tier,
            state: request.state, quorum: request.decision.quorum, group: request.decision.group,
            expires: request.expires)
    }
}
