import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The pages of servers, and the actions for one.
enum ServersRoute: Equatable {
    case list
    case detail(ServerName)
    case action(ServerAction, ServerName)

    init?(_ parts: [String]) {
        guard parts.first == "servers", parts.count <= 3 else { return nil }
        guard parts.count > 1 else {
            self = .list
            return
        }
        guard let server = ServerName(parts[1]) else { return nil }
        guard parts.count == 3 else {
            self = .detail(server)
            return
        }
        guard let action = ServerAction.allCases.first(where: { $0.path == parts[2] }) else {
            return nil
        }
        self = .action(action, server)
    }

    var isDeed: Bool { if case .action = self { true } else { false } }

    /// The link to the page, or nil if the route is not a page to read.
    var link: Link? {
        switch self {
        case .list: Link("servers")
        case .detail(let server): Link("servers", server.text)
        case .action: nil
        }
    }
}

extension ServerAction {
    /// The last component of its address, for pages and API.
    var path: String {
        switch self {
        case .quarantine: "quarantine"
        case .release: "release"
        case .closeBreaker: "close-breaker"
        }
    }
}
