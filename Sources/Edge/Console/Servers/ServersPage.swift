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
                    (server.transport ?? "nobody says how")
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
