import InterlockMarkup

/// The addresses of records.
package enum AuditRoute: Equatable {
    case search
    /// The newest records, with the number of those that came since.
    case tail
    /// All results of a search, with proofs, as a file.
    case archive
    case record(UInt64)
    /// The stored bytes as a file.
    case leaf(UInt64)
    case proof(UInt64)
    /// The finding about a call whose outcome is unknown.
    case check(UInt64)

    /// - Parameter parts: the components of the path.
    init?(_ parts: [String]) {
        guard parts.first == "audit", parts.count <= 3 else { return nil }
        switch parts.dropFirst().joined(separator: "/") {
        case "" where parts.count == 1: self = .search
        case "tail": self = .tail
        case "records.tar": self = .archive
        default:
            guard parts.count > 1, let index = UInt64(parts[1]), String(index) == parts[1] else {
                return nil
            }
            switch parts.count == 3 ? parts[2] : nil {
            case nil: self = .record(index)
            case "record": self = .leaf(index)
            case "proof": self = .proof(index)
            case "check": self = .check(index)
            default: return nil
            }
        }
    }

    /// True if the route is a download.
    var isFile: Bool {
        switch self {
        case .archive, .leaf, .proof: true
        case .search, .tail, .record, .check: false
        }
    }

    var isDeed: Bool { if case .check = self { true } else { false } }

    /// The link to the page, as in `Route.link`; nil for files.
    var link: Link? {
        switch self {
        case .search: Link("audit")
        case .tail: Link("audit", "tail")
        case .record(let index): Link("audit", String(index))
        case .archive, .leaf, .proof, .check: nil
        }
    }
}
