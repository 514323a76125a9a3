package import InterlockMarkup
package import InterlockModel

/// The addresses of halts and drills.
package enum HaltRoute: Equatable {
    /// `/halt`
    case list
    /// `/halts/ID`
    case report(OrderID)
    /// `/halt/drills/ID`
    case drill(OrderID)

    init?(_ parts: [String]) {
        switch (parts.first, parts.count) {
        case ("halt", 1): self = .list
        case ("halts", 2):
            guard let id = OrderID(parts[1]) else { return nil }
            self = .report(id)
        case ("halt", 3):
            guard parts[1] == "drills", let id = OrderID(parts[2]) else { return nil }
            self = .drill(id)
        default: return nil
        }
    }

    /// Returns the link to the form that halts this target.
    package static func link(toStop target: HaltTarget) -> Link {
        Link("halt", query: [("scope", target.scope), ("target", target.target)])
    }

    package var link: Link {
        switch self {
        case .list: Link("halt")
        case .report(let id): Link("halts", id.text)
        case .drill(let id): Link("halt", "drills", id.text)
        }
    }
}
