import InterlockAdministration
import InterlockModel

/// `/servers`: all servers of the policy, by name.
struct ServersPage {
    let servers: [ServerStatus]
    let page: Int

    @HTMLBuilder var content: [HTML] {
        element(.h1) { "Servers" }
        liveCard(Anchor("servers"), Shape.count(servers.count, "server")) { list }
    }

    @HTMLBuilder private var list: [HTML] {
        if servers.isEmpty {
            element(.p, .style(.empty)) { "The policy names no server." }
        } else {
            let rows = PagedRows(servers, page: page)
            table(rows).html
            rows.pager { Link("servers", query: [("page", $0)]) }
        }
    }

    private func table(_ rows: PagedRows<ServerStatus>) -> Table {
        Table(
            "By name" + rows.place,
            ["Server", "State", "Reached by", "Lists", "Pins", "Hidden", "Breakers"], rows.rows
        ) { server in
            [
                hyperlink(Link("servers", server.name.text)) { SafeText.text(server.name.text) },
                .group(ServerState.words(server.state)),
                .text(
                    (server.transport ?? "not declared")
                        + (server.weakness == nil ? "" : ", weak")),
                .text(server.state.offered.map(\.words) ?? "not known"),
                .text(server.pins.map { "\($0)" } ?? "not in the lock"),
                .text("\(server.hidden.count)"),
                .text(
                    server.breakers.isEmpty
                        ? "closed" : server.breakers.map(\.state.text).joined(separator: ", ")),
            ]
        }
    }
}

/// The status of a server, in words as well as colour.
enum ServerState {
    @HTMLBuilder static func words(_ state: ServerStatus.State) -> [HTML] {
        switch state {
        case .ready: badge(state.text, .good)
        case .notConnected, .connecting: badge(state.text)
        case .unavailable, .refused: badge(state.text, .warning)
        case .quarantined: badge(state.text, .bad)
        }
        if let reason = state.reason {
            " "
            SafeText.text(reason)
        }
    }
}

extension ServerStatus.Offered {
    var words: String {
        let parts = [
            (tools, "tools"), (resources, "resources"), (templates, "templates"),
            (prompts, "prompts"),
        ]
        let told = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return told.isEmpty ? "nothing" : told.joined(separator: ", ")
    }
}
