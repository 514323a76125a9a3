package import InterlockMarkup

/// The addresses of checks before merges.
package enum MergesRoute: Equatable {
    case list
    /// The index of a record `merge.checked`.
    case check(UInt64)

    /// - Parameter parts: the components of the path.
    init?(_ parts: [String]) {
        guard parts.first == "merges", parts.count <= 2 else { return nil }
        guard parts.count == 2 else {
            self = .list
            return
        }
        guard let index = UInt64(parts[1]), String(index) == parts[1] else { return nil }
        self = .check(index)
    }

    package var link: Link {
        switch self {
        case .list: Link("merges")
        case .check(let index): Link("merges", String(index))
        }
    }
}
