import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// `/servers`: all servers of the policy, by name unless another order is chosen.
struct ServersPage {
    let servers: [ServerStatus]
    /// Shows only the servers in this state, in the words of `ServerStatus.State.text`.
    var state: String?
    var order: ServerStatus.Sorting?
    let page: Int

    private var shown: [ServerStatus] {
        (state.map { state in servers.filter { $0.state.text == state } } ?? servers)
            .ordered(by: order)
    }

    private func count(_ state: String) -> Int { servers.count { $0.state.text == state } }

    /// The worst state that a server has.
    var header: PageHeader {
        let open = servers.count { if case .ready = $0.state { false } else { true } }
        let unpinned = servers.count { $0.pins == nil }
        let (look, words): (StatusBadge.Kind, String) =
            if servers.isEmpty {
                (.plain, "No servers")
            } else if count("quarantined") > 0 {
                (.stopped, "\(count("quarantined")) quarantined")
            } else if count("not offered") > 0 {
                (.attention, "\(count("not offered")) not offered")
            } else if unpinned > 0 {
                (.attention, "\(unpinned) not pinned")
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
        if unpinned > 0 { header.fact("Not pinned") { "\(unpinned)" } }
        if weak > 0 { header.fact("With a weakness") { "\(weak)" } }
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
            label: "Which states", all: address(state: nil),
            chips: [.init("All", servers.count, address(state: nil), isChosen: state == nil)]
                + ServerStatus.State.texts.filter { count($0) > 0 }.map { text in
                    .init(
                        text.prefix(1).uppercased() + text.dropFirst(), count(text),
                        address(state: text), isChosen: state == text)
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
            rows.pager { Self.address(state: state, order, page: $0) }
        }
    }

    private func address(state: String?) -> Link { Self.address(state: state, order) }

    private static func address(
        state: String?, _ order: ServerStatus.Sorting?, page: String? = nil
    ) -> Link {
        Link("servers", query: [("state", state), ("sort", order?.text), ("page", page)])
    }

    private var headers: SortedHeaders<ServerStatus.Column> {
        SortedHeaders(
            in: order ?? ServerStatus.Sorting(.server),
            startingDescending: [.pins, .hidden, .breakers]
        ) { [state] in Self.address(state: state, $0) }
    }

    private var caption: String {
        let order = order ?? ServerStatus.Sorting(.server)
        let column =
            switch order.column {
            case .server: "name"
            case .state: "state"
            case .pins: "pins"
            case .hidden: "hidden features"
            case .breakers: "open breakers"
            }
        return "Servers, " + order.caption(column)
    }

    private func table(_ rows: PagedRows<ServerStatus>) -> Table {
        let headers = headers
        return Table(
            caption + rows.place,
            [
                headers.column(.name("Server"), by: .server),
                headers.column(.text("State"), by: .state), .state("Reached by", .second),
                .text("Lists", .second), headers.column(.number("Pins", .third), by: .pins),
                headers.column(.number("Hidden", .third), by: .hidden),
                headers.column(.state("Breakers", .second), by: .breakers),
            ], rows.rows, isLinked: true
        ) { server in
            [
                hyperlink(Link("servers", server.name.text)) { SafeText.text(server.name.text) },
                .group(ServerState.words(of: server)),
                .text(
                    (server.transport ?? "not declared")
                        + (server.weakness == nil ? "" : ", weak")),
                .text(server.state.offered.map(\.words) ?? "–"),
                .text(server.pins.map { "\($0)" } ?? "none"),
                .text(
                    server.state.offered == nil && server.hidden.isEmpty
                        ? "–" : "\(server.hidden.count)"),
                .text(
                    server.breakers.isEmpty
                        ? "closed" : server.breakers.map(\.state.text).joined(separator: ", ")),
            ]
        }
    }
}

/// The status of a server, in words as well as colour.
enum ServerState {
    @HTMLBuilder static func words(of server: ServerStatus) -> [HTML] {
        let state = server.state
        switch state {
        case .ready:
            if server.pins == nil {
                badge("ready, not pinned", .warning)
            } else {
                badge(state.text, .good)
            }
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
