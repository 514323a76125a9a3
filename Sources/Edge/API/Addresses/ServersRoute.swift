import InterlockMarkup
package import InterlockModel

/// The pages of servers.
package enum ServersRoute: Equatable {
    case list
    case detail(ServerName)

    init?(_ parts: [String]) {
        guard parts.first == "servers", parts.count <= 2 else { return nil }
        guard parts.count > 1 else {
            self = .list
            return
        }
        guard let server = ServerName(parts[1]) else { return nil }
        self = .detail(server)
    }

    var link: Link {
        switch self {
        case .list: Link("servers")
        case .detail(let server): Link("servers", server.text)
        }
    }
}
