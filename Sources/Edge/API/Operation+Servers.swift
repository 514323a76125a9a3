import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that read servers and act on one.
    static let servers: [Operation] = [
        Operation(
            name: "listServers", method: .get, path: "/servers",
            summary: "The servers of the policy, by name unless `sort` says otherwise.",
            query: [ServerStatus.Sorting.parameter],
            answer: .record(
                "Servers",
                .init("servers", .list(of: ServerStatus.self, 0...100_000), "All.")),
            problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                let servers = try api.part(api.sources.servers).servers()
                    .ordered(by: ServerStatus.Sorting(call.query))
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
            name: "draftServerOrder", method: .post, path: "/server-orders/draft",
            summary:
                "An order in the name of the signed-in person to quarantine or release a server, or to let one call "
                + "through its open breaker, for a passkey to sign and `orderServer` to take. For the role "
                + "`security`; a breaker also for `resume`.",
            body: .record(
                "ServerOrderDraftRequest",
                .init("deed", .choice(of: ServerAction.self), "What to do."),
                .init("server", .text(.server), "With which server."), recordedReason, tool),
            answer: OrderDraft.form.shape, problems: [.notRead, .noSuchServer, .notEligible],
            handler: .answer { api, call throws(Problem) in try api.draftServerOrder(call) }),
        Operation(
            name: "orderServer", method: .post, path: "/server-orders",
            summary:
                "Takes a signed order about a server: a DSSE envelope of `\(PayloadType.server.text)`. A quarantine "
                + "acts at once. A release compares the server with the lock first.",
            body: signed("ServerEnvelope", .server), isSigned: true,
            answer: ServerStatus.form.shape,
            problems: about + [
                .badSignature, .badAssertion, .staleOrder, .notQuarantined, .drifted,
                .noOpenBreaker,
            ],
            handler: .answer { api, call throws(Problem) in try await api.orderServer(call) }),
        ofCommands(.quarantine, "quarantineServer", .record("Quarantine", recordedReason)),
        ofCommands(.release, "releaseServer", .record("Release", recordedReason)),
        ofCommands(.closeBreaker, "closeBreaker", .record("BreakerClosing", recordedReason, tool)),
    ]

    /// An action of the operator, who signs nothing.
    private static func ofCommands(
        _ action: ServerAction, _ name: String, _ body: JSONSchemaType
    ) -> Operation {
        let path: PathPattern =
            switch action {
            case .quarantine: "/servers/{server}/quarantine"
            case .release: "/servers/{server}/release"
            case .closeBreaker: "/servers/{server}/close-breaker"
            }
        return Operation(
            name: name, method: .post, path: path, body: body, answer: ServerStatus.form.shape,
            isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.perform(action, call) })
    }

    private static let about: [ProblemKind] = [
        .notRead, .noSuchServer, .notEligible, .notRecorded, .notKept,
    ]

    private static let tool = JSONSchemaType.Member.maybe(
        "tool", .text(.item), "Whose breaker; absent: that of the server as a whole.")

    /// The reason of an order about a server or a run.
    static let recordedReason = JSONSchemaType.Member(
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

    fileprivate func draftServerOrder(_ call: APIMutation) throws(Problem) -> JSONValue {
        let (servers, author) = (try part(sources.servers), try call.person().pseudonym)
        guard let action = call.body["deed"]?.string.flatMap(ServerAction.init(rawValue:)),
            let server = call.body["server"]?.string.flatMap({ ServerName($0) })
        else { throw Problem(.malformed, "members `deed` and `server` are missing") }
        let tool = call.body["tool"]?.string.flatMap { ToolName(item: $0) }
        let content = ServerContent(
            action, of: server, tool: tool.map { ToolAddress(server: server, tool: $0) })
        return try drafted(Problem.init(_:)) { () throws(ServerRefusal) in
            try servers.draft(
                content, because: call.reason, by: author)
        }
    }

    fileprivate func orderServer(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let (servers, envelope) = (try part(sources.servers), try call.envelope())
        let visibility = try visibility(call)
        do throws(ServerRefusal) {
            let name = try await servers.take(envelope).content.server
            guard let detail = servers.server(name, page: 1, for: visibility) else {
                throw .quarantine(.unknown(name))
            }
            return ServerStatus.form.json(detail.status)
        } catch { throw Problem(error) }
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
                reason: call.reason, by: author,
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
