package import InterlockAdministration
package import InterlockApprovals
package import InterlockEvidence
package import InterlockMarkup
package import InterlockModel

/// A search as a person asks for it.
package struct SearchRequest {
    package static let characters = 1...256

    /// Empty if nothing was asked for yet.
    package let text: SearchedText
    package var scope: SearchScope = .all
    /// The one kind of which all objects are listed, or nil for the first of each kind.
    package var kind: SearchKind?
    /// The page of the kind, from 1.
    var page = 1

    package init(
        text: SearchedText, scope: SearchScope = .all, kind: SearchKind? = nil, page: Int = 1
    ) {
        self.text = text
        self.scope = scope
        self.kind = kind
        self.page = page
    }
}

/// One line of the results: an object with the address of its page.
package struct SearchRow {
    package let name: String
    /// A description, or nil if there is none.
    package let note: String?
    package let link: Link

    init(_ name: String, note: String? = nil, _ link: Link) {
        self.name = name
        self.note = note
        self.link = link
    }

    init(_ hit: SearchHit, _ kind: SearchKind) {
        self.init(hit.name, note: hit.note, kind.link(to: hit))
    }

    fileprivate init(_ request: ApprovalRequest) {
        let call = request.review.call
        self.init(
            request.id.shown, note: "\(call.address) for \(call.agent)",
            Link("approvals", request.id.shown))
    }
}

extension ApprovalRequest {
    fileprivate func has(_ text: SearchedText) -> Bool {
        text.isIn(review.call.agent.text) || text.isIn(review.call.address.description)
            || text.isIn(id.shown)
    }
}

/// The objects that a search found, for pages and API alike: those alone that the viewer may see, which are also the
/// only ones that are counted.
package struct SearchResults {
    package struct Group {
        package let kind: SearchKind
        package let hits: PagedRows<SearchRow>
    }

    /// The number of objects of each kind that are shown while no kind is chosen.
    static let mostOfKind = 10

    /// The kinds of which something was found.
    package let groups: [Group]

    /// The hits of a group that are shown.
    package static func shown(_ group: Group, of request: SearchRequest) -> ArraySlice<SearchRow> {
        request.kind == nil ? group.hits.rows.prefix(mostOfKind) : group.hits.rows
    }
}

extension OperationServices {
    /// - Parameter requests: the approval requests that the viewer may see.
    package func search(
        _ request: SearchRequest, for visibility: Visibility, requests: [ApprovalRequest]
    ) -> SearchResults {
        guard !request.text.isEmpty else { return SearchResults(groups: []) }
        let kinds = request.scope.kinds.filter { request.kind == nil || $0 == request.kind }
        let found = FoundObjects(sources.search, for: visibility)
        return SearchResults(
            groups: kinds.compactMap { kind in
                let hits = hits(
                    kind, request.text, found, requests,
                    page: request.kind == nil ? 1 : request.page)
                return hits.count > 0 ? SearchResults.Group(kind: kind, hits: hits) : nil
            })
    }

    /// The results of the palette: while nothing is typed, the pages, and the acts that have no object.
    package func palette(
        _ request: SearchRequest, for visibility: Visibility, requests: [ApprovalRequest]
    ) -> SearchResults {
        guard request.text.isEmpty else {
            return search(request, for: visibility, requests: requests)
        }
        let kinds: [SearchKind] = [.pages, .acts]
        let found = FoundObjects(sources.search, for: visibility)
        return SearchResults(
            groups: kinds.map { kind in
                SearchResults.Group(kind: kind, hits: hits(kind, request.text, found, [], page: 1))
            }.filter { $0.hits.count > 0 })
    }

    /// Returns one page of the objects of a kind. Only its rows are made: there may be ten thousand objects.
    private func hits(
        _ kind: SearchKind, _ text: SearchedText, _ found: FoundObjects,
        _ requests: [ApprovalRequest], page: Int
    ) -> PagedRows<SearchRow> {
        switch kind {
        case .requests:
            var ranks: [ListRank] = []
            for (place, request) in requests.enumerated()
            where request.state == .pending && request.has(text) {
                ranks.append(ListRank(request.expires, request.id, at: place))
            }
            ranks.sortByTime()
            return PagedRows(ranks, page: page).map { SearchRow(requests[$0.place]) }
        case .pages:
            let pages = ConsolePages.all.filter {
                sections.contains($0.section) && text.isIn($0.title)
            }
            return PagedRows(pages, page: page).map { SearchRow($0.title, $0.link) }
        case .acts: return acts(text, found).page(page)
        case .agents, .people, .servers, .tools, .rules, .runs:
            return PagedRows(found.hits(kind, text), page: page).map { SearchRow($0, kind) }
        }
    }

    /// The sections of the console that are available.
    package var sections: Set<ConsoleSection> {
        var found: Set<ConsoleSection> = [.approvals]
        func add(_ section: ConsoleSection, _ isThere: Bool) {
            if isThere { found.insert(section) }
        }
        add(.now, sources.status != nil)
        add(.health, sources.status != nil)
        add(.agents, sources.agents != nil)
        add(.evals, sources.evals != nil)
        add(.servers, sources.servers != nil)
        add(.hosts, sources.hosts != nil)
        add(.policy, sources.policy != nil)
        add(.alerts, sources.alarms != nil)
        add(.runs, sources.runs != nil)
        add(.audit, sources.records != nil)
        add(.halt, halts != nil)
        add(.people, orders?.people != nil)
        return found
    }
}
