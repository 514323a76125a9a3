import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// `/servers`: all servers of the policy, by name.
struct ServersPage {
    let servers: [ServerStatus]
    /// Shows only the servers in this state, in the words of `ServerStatus.State.text`.
    var state: String?
    let page: Int

    private var shown: [ServerStatus] {
        state.map { state in servers.filter { $0.state.text == state } } ?? servers
    }

    private func count(_ state: String) -> Int { servers.count { $0.state.text == state } }

    /// The worst state that a server has.
    var header: PageHeader {
        let open = servers.count { if case .ready = $0.state { false } else { true } }
        let (look, words): (StatusBadge.Kind, String) =
            if servers.isEmpty {
                (.plain, "No servers")
            } else if count("quarantined") > 0 {
                (.stopped, "\(count("quarantined")) quarantined")
            } else if count("not offered") > 0 {
                (.attention, "\(count("not offered")) not offered")
            } else if open > 0 {
                (.unknown, "\(open) not connected")
            } else {
                (.working, servers.count == 1 ? "Ready" : "All \(servers.count) ready")
            }
        var header = PageHeader(
            "Servers",
            StatusBadge(look, words, from: "The connections of this gateway and its lock."))
        let weak = servers.count { $0.weakness != nil }
        header.fact("Ready") { "\(count("ready")) of \(servers.count)" }
        if weak > 0 { header.fact("Weak") { "\(weak)" } }
        let breakers = servers.count { !$0.breakers.isEmpty }
        if breakers > 0 { header.fact("With open breakers") { "\(breakers)" } }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        if !servers.isEmpty { states }
        liveCard(Anchor("servers"), Shape.count(servers.count, "server")) { list }
    }

    private var states: HTML {
        FilterChips(
            label: "Which states", all: Link("servers"),
            chips: [.init("All", servers.count, Link("servers"), isChosen: state == nil)]
                + ServerStatus.State.texts.filter { count($0) > 0 }.map { text in
                    .init(
                        text.prefix(1).uppercased() + text.dropFirst(), count(text),
                        Link("servers", query: [("state", text)]), isChosen: state == text)
                }
        ).html
    }

    @HTMLBuilder private var list: [HTML] {
        if servers.isEmpty {
            EmptyList.html(
                "The policy names no server.", ("Open policy", PolicyRoute.overview.link))
        } else if shown.isEmpty {
            EmptyList.noMatch(Link("servers"))
        } else {
            let rows = PagedRows(shown, page: page)
            table(rows).html
            rows.pager { Link("servers", query: [("state", state), ("page", $0)]) }
        }
    }

    private func table(_ rows: PagedRows<ServerStatus>) -> Table {
        Table(
            "By name" + rows.place,
            [
                .name("Server"), .text("State"), .state("Reached by", .second),
                .text("Lists", .second), .number("Pins", .third), .number("Hidden", .third),
                .state("Breakers", .second),
            ], rows.rows, isLinked: true
        ) { server in
            [
                hyperlink(Link("servers", server.name.text)) { SafeText.text(server.name.text) },
                .group(ServerState.words(server.state)),
                .text(
                    (server.transport ?? "not declared")
                        + (server.weakness == nil ? "" : ", weak")),
                .text(server.state.offered.map(\.words) ?? "–"),
                .text(server.pins.map { "\($0)" } ?? "–"),
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
            (tools, "tool"), (resources, "resource"), (templates, "template"),
            (prompts, "prompt"),
        ]
        let told = parts.filter { $0.0 > 0 }.map { Shape.count($0.0, $0.1) }
        return told.isEmpty ? "nothing" : told.joined(separator: ", ")
    }
}
