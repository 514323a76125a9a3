import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func servers(
        _ route: ServersRoute, _ query: String?, _ session: PersonSession
    ) -> HTTPResponse {
        guard let servers = sources.servers else { return absent(session) }
        guard let query = ListQuery(query) else { return malformed(session) }
        switch route {
        case .list:
            guard let order = query.choice("sort", { ServerStatus.Sorting($0) }) else {
                return malformed(session)
            }
            let page = ServersPage(
                servers: servers.servers(), state: query["state"], order: order,
                page: query.page)
            return Page(
                title: "Servers", section: .servers, viewer: session, header: page.header,
                live: .status
            ) { page.content }.response(200, frame)
        case .detail(let name): return serverPage(servers, name, page: query.page, session)
        }
    }

    private func serverPage(
        _ servers: any ServerAdministration, _ name: ServerName, page: Int,
        _ session: PersonSession
    ) -> HTTPResponse {
        let visibility = sources.visibility(session.person)
        guard let detail = servers.server(name, page: page, for: visibility) else {
            return problem(404, "Server not found", viewer: session)
        }
        let page = ServerPage(
            detail: detail,
            signer: orderSigner(session) ?? OrderSigner(session: session, roles: [], way: way),
            orders: stopping(.server(name), nil, session),
            stop: stopAction("Stop this server", nil, session), seesAll: visibility.seesAll)
        return Page(
            title: name.text, section: .servers, viewer: session, header: page.header,
            live: .status, signsOrders: true
        ) { page.content }.response(200, frame)
    }
}
