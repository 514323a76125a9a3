package import InterlockAdministration
package import InterlockGovernor
import InterlockJSON
import InterlockModel
package import InterlockPorts

/// The local socket: what the operator's command line asks of the running gateway. Whoever runs as the gateway's user or
/// root is the operator (mode 0600, and the kernel's word on who is there); what needs a person needs that person's
/// signature besides. It stands beside the API of people, since both are doors to one table.
package struct LocalAPI: RequestHandler {
    private let operations: OperationServices
    private let own: LocalServices
    /// The user that the gateway runs as; that one and root may use the socket.
    private let user: UInt32
    private let workers: LaneWorkers
    /// Made at the start, so that the first halt does not wait for it.
    private let table = Operation.ofCommands

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
        // The file's mode says the same; a mode that somebody widened must not be a way in.
        guard uid == user || uid == 0 else {
            return .refuse(.plain(403, "this socket is for the user that runs the gateway"))
        }
        return HeadDecision.readBody(limitBytes: Self.bodyLimitBytes).refusingCoded(head)
    }

    /// Halts run on the loop that reads the connections; the rest runs on workers, since it may read the disk or compile
    /// a policy.
    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        let lane = Operation.lane(below: head.path.dropFirst(Self.prefix.utf8.count))
        await workers.handle(head, body: body, exchange, by: Work(api: self), in: lane)
    }

    /// What a worker does with a request that has passed.
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
            let (operation, places) = Operation.candidates(
                at: String(head.path.dropFirst(Self.prefix.utf8.count)), of: table
            ).first(where: { $0.operation.method.rawValue == head.method })
        else { throw Problem(.noSuchPath, "no such request") }
        let person = Person(localUser: uid)
        let pseudonym = own.pseudonym(of: person)
        let query = try operation.fields(of: head)
        if case .local(let deed) = operation.deed {
            let call = LocalCall(
                by: pseudonym, places: places, body: try json(body))
            return .json(200, try await deed(own)(call))
        }
        guard let deed = operation.deed.once else {
            throw Problem(.noSuchPath, "no such request")
        }
        let reading = APIQuery(
            isHead: false, from: .commandLine(person, pseudonym), places: places, query: query)
        let value = try operation.value(body, limit: Self.bodyLimitBytes)
        return try await deed(operations, APIMutation(reading: reading, body: value))
    }

    private func json(_ body: [UInt8]) throws(Problem) -> JSONValue {
        guard !body.isEmpty else { return .null }
        do throws(JSONError) { return try JSONValue(parsing: body, limits: .agent) } catch {
            throw Problem(.malformed, "not valid JSON: \(error)")
        }
    }
}

extension Problem {
    /// The same problem with the advice that the command line prints.
    fileprivate var forCommands: HTTPResponse {
        guard let help, var object = Self.form.json(self).object else { return response }
        object["help"] = .string(help)
        return .json(kind.status, .object(object))
    }
}
