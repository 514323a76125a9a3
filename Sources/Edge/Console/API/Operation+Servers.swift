import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that read servers and act on one.
    static let servers: [Operation] = [
        Operation(
            name: "listServers", method: .get, path: "/servers",
            summary: "The servers of the policy, by name.",
            answer: .record(
                "Servers",
                .init("servers", .list(of: ServerStatus.self, 0...100_000), "All.")),
            problems: [.notRead],
            handler: .reading { api, _ throws(Problem) in
                let servers = try api.part(api.sources.servers).servers()
                return ["servers": .array(servers.map(ServerStatus.form.json))]
            }),
        Operation(
            name: "getServer", method: .get, path: "/servers/{server}",
            summary:
                "What a server offers beside what was reviewed. Texts of servers are not to be trusted.",
            query: [Paging.parameter], answer: ServerDetail.form.shape,
            problems: [.notRead, .noSuchServer],
            handler: .reading { api, call throws(Problem) in
                ServerDetail.form.json(try api.server(call))
            }),
        Operation(
            name: "quarantineServer", method: .post, path: "/servers/{server}/quarantine",
            summary:
                "Nothing of the server is offered from now on, until a person releases it. For the "
                + "role `security`.",
            body: .record("Quarantine", reason),
            answer: ServerStatus.form.shape, problems: about, isLocal: true,
            handler: .answer { api, call throws(Problem) in
                try await api.perform(.quarantine, call)
            }),
        Operation(
            name: "releaseServer", method: .post, path: "/servers/{server}/release",
            summary:
                "Offers a quarantined server again, once it is as in the lock. For the role `security`.",
            body: .record("Release", reason),
            answer: ServerStatus.form.shape, problems: about + [.notQuarantined, .drifted],
            isLocal: true,
            handler: .answer { api, call throws(Problem) in try await api.perform(.release, call) }),
        Operation(
            name: "closeBreaker", method: .post, path: "/servers/{server}/close-breaker",
            summary:
                "Lets the next call through where a breaker is open. For the roles `security` and "
                + "`resume`.",
            body: .record(
                "BreakerClosing",
                reason,
                .maybe("tool", .text(.item), "Absent: the breaker of the server as a whole.")),
            answer: ServerStatus.form.shape, problems: about + [.noOpenBreaker], isLocal: true,
            handler: .answer { api, call throws(Problem) in
                try await api.perform(.closeBreaker, call)
            }),
    ]

    private static let about: [ProblemKind] = [
        .notRead, .noSuchServer, .notEligible, .notRecorded, .notKept,
    ]

    private static let reason = JSONSchemaType.Member(
        "reason", .text(.plain(OrderLimits.reason)), "In the person's own words; recorded.")
}

extension OperationServices {
    fileprivate func server(_ call: some APIRequestContext) throws(Problem) -> ServerDetail {
        let visibility = try visibility(call)
        guard let name = call.places["server"].flatMap({ ServerName($0) }),
            let detail = try part(sources.servers).server(name, page: call.page, for: visibility)
        else { throw Problem(.noSuchServer, "there is no such server") }
        return detail
    }

    fileprivate func perform(_ action: ServerAction, _ call: APIMutation) async throws(Problem)
        -> JSONValue
    {
        let (author, visibility) = (try call.author(), try visibility(call))
        let name = try server(call).status.name
        let tool = call.body["tool"]?.string.flatMap { ToolName(item: $0) }
        let servers = try part(sources.servers)
        do throws(ServerRefusal) {
            try await servers.perform(
                action, on: name, tool: tool.map { ToolAddress(server: name, tool: $0) },
                reason: call.body["reason"]?.string ?? "", by: author,
                visibility)
        } catch {
            throw Problem(error)
        }
        return ServerStatus.form.json(try server(call).status)
    }
}

extension TextShape {
    static let server = TextShape(
        "a name of a server", characters: 1...32, pattern: "^[a-z0-9](-?[a-z0-9])*$"
    ) { ServerName($0) != nil }

    static let agent = TextShape(
        "a name of an agent", characters: 1...63, pattern: "^[a-z0-9][a-z0-9-]*$"
    ) { AgentName($0) != nil }

    /// A tool, a resource or a prompt of one server.
    static let item = TextShape(
        "a name of a tool", pattern: "^(resource:|prompt:)?[A-Za-z0-9_.-]{1,128}$"
    ) { ToolName(item: $0) != nil }
}
