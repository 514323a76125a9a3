import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockSchemas

/// One page of the approval requests that a person may see, ordered by deadline, then by id. The order never changes
/// while a client reads page after page.
struct ApprovalListing: ResponseRecord {
    struct Filter: Equatable {
        var state: ApprovalState?
        /// Restricts the list to the requests that this person can decide.
        var isMine = false
        var agent: String?
        var tool: String?
        var group: String?
    }

    static let limits: ClosedRange<Int64> = 1...100
    static let usualLimit = 50

    let rows: [ReviewView]
    /// Is nil on the last page.
    let next: PageCursor?

    /// - Throws: `noSuchPage` if the cursor belongs to another list.
    init(
        _ requests: [ApprovalRequest], for viewer: PersonSession, _ filter: Filter, limit: Int,
        after cursor: PageCursor?, way: ApprovalMethod, hashing: any Hashing
    ) throws(Problem) {
        let list = Self.list(of: viewer, filter, hashing)
        if let cursor, cursor.list != list {
            throw Problem(.noSuchPage, "the cursor was made for another list")
        }
        func isBehind(_ request: ApprovalRequest) -> Bool {
            guard let cursor else { return true }
            return (request.expires, request.id.text) > (cursor.expires, cursor.id.text)
        }
        var found: [ListRank] = []
        for (place, request) in requests.enumerated()
        where filter.passes(request, viewer.person) && isBehind(request) {
            found.append(ListRank(request.expires, request.id, at: place))
        }
        found.sortByTime()
        rows = found.prefix(limit).map {
            ReviewView(requests[$0.place], viewer: viewer, way: way)
        }
        next =
            found.count > limit
            ? rows.last.map { PageCursor(expires: $0.expires, id: $0.id, list: list) }
            : nil
    }

    private static func list(
        of viewer: PersonSession, _ filter: Filter, _ hashing: any Hashing
    ) -> [UInt8] {
        let parts: [String?] = [
            viewer.pseudonym.text, filter.state?.rawValue, filter.isMine ? "mine" : nil,
            filter.agent, filter.tool, filter.group,
        ]
        let text = JSONValue.array(parts.map { $0.map(JSONValue.string) ?? .null }).serialized()
        return Array(hashing.sha256(text.span).bytes.prefix(PageCursor.listBytes))
    }

    static let form = ResponseSchema<ApprovalListing>(
        "ApprovalPage",
        .init(
            "approvals", .list(ReviewView.line.shape, count: 0...Int(limits.upperBound)),
            "The nearest deadline first."
        ) { $0.rows.map(ReviewView.line.json) },
        .maybe("next", .text(PageCursor.shape), "The cursor of the next page, if there is one.") {
            $0.next?.text
        })
}

extension ApprovalListing.Filter {
    fileprivate func passes(_ request: ApprovalRequest, _ viewer: Person) -> Bool {
        func agrees(_ asked: String?, _ own: String) -> Bool {
            asked.map { sameBytes($0, own) } ?? true
        }
        return (state.map { $0 == request.state } ?? true)
            && (!isMine || request.waits(for: viewer))
            && agrees(agent, request.review.call.agent.text)
            && agrees(tool, request.review.call.address.description)
            && agrees(group, request.decision.group)
    }
}
