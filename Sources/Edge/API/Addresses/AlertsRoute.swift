package import InterlockAlerts
package import InterlockMarkup
import InterlockModel

/// The pages of alerts.
package enum AlertsRoute: Equatable {
    case list
    case story(AlertID)
    case dispose(AlertID)

    /// - Parameter parts: the path components after `/alerts`.
    init?(_ parts: ArraySlice<String>) {
        guard let first = parts.first else {
            self = .list
            return
        }
        guard let id = AlertID(first) else { return nil }
        switch Array(parts.dropFirst()) {
        case []: self = .story(id)
        case ["disposition"]: self = .dispose(id)
        default: return nil
        }
    }

    var isDeed: Bool { if case .dispose = self { true } else { false } }

    /// The link to the page, or nil if the route is not a page to read.
    var link: Link? {
        switch self {
        case .list: Link("alerts")
        case .story(let id): Self.link(to: id)
        case .dispose: nil
        }
    }

    package static func link(to id: AlertID) -> Link { Link("alerts", id.text) }
}
