package import InterlockEvidence
package import InterlockModel

/// The kinds of objects that a search finds, in the order in which pages list them. Requests, pages and acts are known
/// to the console alone.
package enum SearchKind: String, Sendable, CaseIterable {
    case agents, people, servers, tools, rules, runs, requests, pages, acts

    /// The kinds that a policy has.
    package static let ofPolicy: [SearchKind] = [.rules, .agents, .tools, .people]
}

/// One object that a search found.
package struct SearchHit: Sendable, Hashable {
    /// The name by which links lead to it.
    package let name: String
    /// A description, or nil if there is none.
    package let note: String?
    /// True for a person who owns agents that are visible.
    package let isOwner: Bool

    package init(name: String, note: String? = nil, isOwner: Bool = false) {
        self.name = name
        self.note = note
        self.isOwner = isOwner
    }
}

/// Finds objects by a part of their names, for pages. The audit log is not searched.
package protocol SearchQueries: Sendable {
    /// Returns the visible objects of a kind that the text occurs in: those whose name begins with it first, then by
    /// name. Reads memory only; empty for requests, pages and acts.
    func hits(_ kind: SearchKind, _ text: SearchedText, for visibility: Visibility) -> [SearchHit]
}
