import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func servers(
        _ route: ServersRoute, _ query: String?, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        guard let servers = sources.servers else { return absent(session) }
        guard let query = ListQuery(query) else { return malformed(session) }
        switch route {
        case .list:
            let page = ServersPage(
                servers: servers.servers(), state: query["state"], page: query.page)
            return Page(
                title: "Servers", section: .servers, viewer: session, header: page.header,
                live: .status
            ) { page.content }.response(200, frame)
        case .detail(let name): return serverPage(servers, name, page: query.page, session)
        case .action(let action, let name):
            return await perform(action, on: name, of: servers, body, session)
        }
    }

    private func serverPage(
        _ servers: any ServerAdministration, _ name: ServerName, page: Int = 1,
        _ session: PersonSession,
        status: Int = 200, refusal: String? = nil
    ) -> HTTPResponse {
        let visibility = sources.visibility(session.person)
        guard let detail = servers.server(name, page: page, for: visibility) else {
            return problem(404, "Server not found", viewer: session)
        }
        let page = ServerPage(
            detail: detail, formToken: session.formToken,
            orders: stopping(.server(name), nil, session),
            stop: stopAction("Stop this server", nil, session), refusal: refusal)
        return Page(
            title: name.text, section: .servers, viewer: session, header: page.header,
            live: .status, signsOrders: true
        ) { page.content }.response(status, frame)
    }

    private func perform(
        _ action: ServerAction, on name: ServerName, of servers: any ServerAdministration,
        _ body: [UInt8],
        _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        let text = form["tool"]
        let tool = ToolName(item: text).map { ToolAddress(server: name, tool: $0) }
        guard text.isEmpty || tool != nil else {
            return problem(400, "This form is malformed.", viewer: session)
        }
        do throws(ServerRefusal) {
            try await servers.perform(
                action, on: name, tool: tool, reason: form["reason"], by: session.pseudonym,
                sources.visibility(session.person))
            return .seeOther(Link("servers", name.text))
        } catch {
            return serverPage(
                servers, name, session, status: Problem(error).kind.status, refusal: "\(error)")
        }
    }
}
