package import InterlockAdministration
package import InterlockGovernor
import InterlockJSON
import InterlockModel
package import InterlockPorts
import InterlockSchemas

/// The API of the operator's command line on the local socket. Processes of the gateway's user and of root are the
/// operator: the socket has mode 0600, and the kernel reports the user of each connection. An action in a person's name
/// also requires that person's signature. Like `PeopleAPI`, it serves operations of `Operation.all`.
package struct LocalAPI: RequestHandler {
    private let operations: OperationServices
    private let own: LocalServices
    /// The user that the gateway runs as; only this user and root may use the socket.
    private let user: UInt32
    private let workers: LaneWorkers
    /// The operations of the local socket, computed at start so that the first halt does not wait for them.
    private let table = OperationTable.ofCommands

    private static let prefix = "/v1"
    private static let bodyLimitBytes = 512 << 10

    package init(
        _ operations: OperationServices, _ own: LocalServices, user: UInt32, workers: LaneWorkers
    ) {
        self.operations = operations
        self.own = own
        self.user = user
        self.workers = workers
    }

    package func judge(_ head: RequestHead) -> HeadDecision {
        guard case .local(let uid, _) = head.listener else {
            return .refuse(.plain(403, "this is the local socket's"))
        }
        // Enforces what the socket's mode says, in case the mode was widened.
        guard uid == user || uid == 0 else {
            return .refuse(.plain(403, "this socket is for the user that runs the gateway"))
        }
        return HeadDecision.readBody(limitBytes: Self.bodyLimitBytes).refusingCoded(head)
    }

    /// Requests of the control lane run on the loop that reads the connections; all others run on workers, because they
    /// may read the disk or compile a policy.
    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        let lane = Operation.lane(below: head.path.dropFirst(Self.prefix.utf8.count))
        await workers.handle(head, body: body, exchange, by: Work(api: self), in: lane)
    }

    /// Responds to an accepted request, on a worker or on the loop of its lane.
    private struct Work: RequestHandler {
        let api: LocalAPI

        func judge(_ head: RequestHead) -> HeadDecision { api.judge(head) }

        func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
            if head.method == "GET", let page = api.own.page(at: head.path) {
                return exchange.respond(page)
            }
            do throws(Problem) {
                exchange.respond(try await api.answer(head, body))
            } catch {
                exchange.respond(error.forCommands)
            }
        }
    }

    private func answer(_ head: RequestHead, _ body: [UInt8]) async throws(Problem) -> HTTPResponse
    {
        guard case .local(let uid, _) = head.listener, head.path.hasPrefix(Self.prefix + "/"),
            let (operation, places) = table.candidates(
                at: head.path.dropFirst(Self.prefix.utf8.count)
            ).first(where: { $0.operation.method.rawValue == head.method })
        else { throw Problem(.noSuchPath, "no such request") }
        try operation.check(on: operations)
        let person = Person(localUser: uid)
        let pseudonym = own.pseudonym(of: person)
        let query = try operation.fields(of: head)
        if case .local(let action) = operation.handler {
            let call = LocalCall(by: pseudonym, places: places, body: try json(body))
            return .json(200, try await action(own)(call))
        }
        guard let action = operation.handler.once else {
            throw Problem(.noSuchPath, "no such request")
        }
        let reading = APIQuery(
            isHead: false, from: .commandLine(person, pseudonym), places: places, query: query)
        // The parser of the envelope bounds a signed order. The shape in the document is that of the people plane, whose
        // bodies are smaller.
        let value =
            operation.isSigned
            ? try json(body) : try operation.value(body, limit: Self.bodyLimitBytes)
        return try await action(operations, APIMutation(reading: reading, body: value))
    }

    private func json(_ body: [UInt8]) throws(Problem) -> JSONValue {
        guard !body.isEmpty else { return .null }
        do throws(JSONError) { return try JSONValue(parsing: body, limits: .agent) } catch {
            throw Problem(.malformed, "not valid JSON: \(error)")
        }
    }
}

extension Problem {
    /// The response to the command line, which adds the advice in `help`.
    fileprivate var forCommands: HTTPResponse {
        guard let help, var object = Self.form.json(self).object else { return response }
        object["help"] = .string(help)
        return .json(kind.status, .object(object))
    }
}
