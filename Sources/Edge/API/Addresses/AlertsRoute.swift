package import InterlockAlerts
package import InterlockMarkup
import InterlockModel

/// The pages of alerts, and of incidents below them.
package enum AlertsRoute: Equatable {
    case list
    case story(AlertID)
    case dispose(AlertID)
    case incident(IncidentID)
    case act(IncidentID)
    case close(IncidentID)

    /// - Parameter parts: the path components after `/alerts`.
    init?(_ parts: ArraySlice<String>) {
        guard let first = parts.first else {
            self = .list
            return
        }
        if first == "incidents" {
            guard let route = Self.incidents(parts.dropFirst()) else { return nil }
            self = route
            return
        }
        guard let id = AlertID(first) else { return nil }
        switch Array(parts.dropFirst()) {
        case []: self = .story(id)
        case ["disposition"]: self = .dispose(id)
        default: return nil
        }
    }

    /// - Parameter parts: the path components after `/alerts/incidents`.
    private static func incidents(_ parts: ArraySlice<String>) -> AlertsRoute? {
        guard let id = parts.first.flatMap({ IncidentID($0) }) else { return nil }
        return switch Array(parts.dropFirst()) {
        case []: .incident(id)
        case ["actions"]: .act(id)
        case ["end"]: .close(id)
        default: nil
        }
    }

    var isDeed: Bool {
        switch self {
        case .dispose, .act, .close: true
        case .list, .story, .incident: false
        }
    }

    /// The link to the page, or nil if the route is not a page to read.
    var link: Link? {
        switch self {
        case .list: Link("alerts")
        case .story(let id): Self.link(to: id)
        case .incident(let id): Self.link(to: id)
        case .dispose, .act, .close: nil
        }
    }

    package static func link(to id: AlertID) -> Link { Link("alerts", id.text) }
    package static func link(to id: IncidentID) -> Link { Link("alerts", "incidents", id.text) }
}
