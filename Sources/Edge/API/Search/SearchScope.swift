import InterlockAdministration
import InterlockMarkup

/// The kinds that a search covers.
package enum SearchScope: String, CaseIterable {
    case all, policy

    var kinds: [SearchKind] {
        switch self {
        case .all: SearchKind.allCases
        case .policy: SearchKind.ofPolicy
        }
    }
}

extension SearchKind {
    /// The kind as a heading.
    package var title: String {
        switch self {
        case .requests: "Open requests"
        default: rawValue.prefix(1).uppercased() + rawValue.dropFirst()
        }
    }

    /// The page of an object that a search found.
    func link(to hit: SearchHit) -> Link {
        switch self {
        case .agents: Link("agents", hit.name)
        case .people:
            hit.isOwner
                ? Link("agents", query: [("owner", hit.name)])
                : Link("policy", "matrix", query: [("approver", hit.name)])
        case .servers: Link("servers", hit.name)
        case .tools: Link("servers", hit.name.split(separator: ".").first.map(String.init) ?? "")
        case .rules: PolicyRoute.rule(hit.name).link
        case .runs: Link("runs", hit.name)
        // Their rows have links of their own.
        case .requests, .pages, .acts: Link("search")
        }
    }
}
