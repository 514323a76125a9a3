import InterlockAdministration
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// One thing that the gateway can be asked. All of them stand in `Operation.all`: each door answers its requests from
/// that table, and the document of the API is written from it.
struct Operation: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    /// What a stream tells the changes of.
    enum Topic: String, Sendable { case approvals, standing }

    enum Handler: Sendable {
        /// For people and services. What it is given has no session, without which nothing is done for anybody.
        case reading(@Sendable (OperationServices, APIQuery) async throws(Problem) -> JSONValue)
        /// For people alone; nil is answered without a body.
        case answer(@Sendable (OperationServices, APIMutation) async throws(Problem) -> JSONValue?)
        /// Bytes to be kept, with a name; for people and services.
        case file(@Sendable (OperationServices, APIQuery) async throws(Problem) -> EvidenceFileBody)
        /// Server-sent events, for as long as the session lasts.
        case events(Topic)
        /// The same, about one halt, until nothing of it is left.
        case report
        /// For the command line alone.
        case local(@Sendable (LocalServices) -> (LocalCall) async throws(Problem) -> JSONValue)
    }

    /// `operationId` of the document.
    let name: String
    let method: Method
    let path: PathPattern
    /// For the document.
    var summary = ""
    /// Whether somebody who is not signed in may ask for it.
    var isOpen = false
    var query: [JSONSchemaType.Member] = []
    var body: JSONSchemaType?
    /// Whether an idempotency key makes it happen once. What comes as a signed order happens once by the order's own
    /// id, and its answer, which may hold a token, is kept by nobody.
    var takesKey: Bool { method == .post && !isSigned }
    var isSigned = false
    /// nil: 204.
    var answer: JSONSchemaType?
    /// Beside those that every operation of its method has.
    var problems: [ProblemKind] = []
    /// Whether the command line asks for it too, beside people.
    var isLocal = false
    let deed: Handler

    static let all =
        // `load` before `approvals`: its name stands where an id could.
        entry + load + approvals + decisions + orders + services + halts + orderDrafts + elevations
        + standing + agents + servers + policy + signOffs + records + runs + alerts + limits
        + local

    /// What the API of the people plane has, and its document.
    static let published = all.filter { !$0.callers.isDisjoint(with: [.person, .service]) }
    /// What the local socket has.
    static let ofCommands = all.filter { $0.callers.contains(.local) }

    /// What whoever asks for a path could mean.
    static func candidates(
        at path: String, of table: [Operation] = published
    ) -> [(operation: Operation, places: [ExactText: String])] {
        table.compactMap { operation in
            operation.path.match(path).map { (operation: operation, places: $0) }
        }
    }

    /// Whether somebody is at it: a stream is opened by the page itself, also when it was lost.
    var isUse: Bool {
        switch deed {
        case .events: false
        case .reading, .answer, .file, .report, .local: true
        }
    }

    /// Where it can be asked for. Requests for approval are for who decides them, never for services.
    var callers: Callers {
        let own: Callers =
            switch deed {
            case .reading, .file, .report, .events(.standing): [.person, .service]
            case .answer, .events(.approvals): .person
            case .local: .local
            }
        return isLocal ? own.union(.local) : own
    }

    /// Whether a service may ask for it with its token.
    var isForServices: Bool { callers.contains(.service) }

    /// The parameters of a query, no others.
    func fields(of head: RequestHead) throws(Problem) -> [ExactText: JSONValue] {
        guard let fields = FormFields.parse(head.query ?? "") else {
            throw Problem(.malformed, "the query is malformed, or names something twice")
        }
        return try QueryFields.read(fields, query)
    }

    /// What a body says, as the document has it; null where it has none.
    func value(_ bytes: [UInt8], limit: Int) throws(Problem) -> JSONValue {
        guard let body else { return .null }
        do throws(FormError) {
            let value = try StrictFields.value(bytes, limit: limit).inWholeNumbers
            try body.check(value)
            return value
        } catch {
            throw Problem(error)
        }
    }

    /// All that can be answered instead, in the order of their table.
    var everyProblem: [ProblemKind] {
        var kinds: Set<ProblemKind> = [
            .malformed, .unknownToken, .notServedHere, .foreignOrigin,
        ]
        kinds.formUnion(problems)
        if !isOpen { kinds.formUnion([.notSignedIn, .notProven, .tooMany]) }
        if !isOpen && !isForServices { kinds.insert(.notForServices) }
        if path.parts.contains(.place("approval")) { kinds.insert(.noSuchRequest) }
        if method == .post {
            kinds.formUnion([.foreignForm, .tooLarge, .notJSON])
        }
        if takesKey { kinds.formUnion([.keyInUse, .keyReused, .tooMany]) }
        return ProblemKind.allCases.filter(kinds.contains)
    }
}

/// The ways in to the gateway, each with its own proof of who asks.
struct Callers: OptionSet, Sendable {
    let rawValue: Int

    /// The local socket: root and the gateway's own user, by the kernel's word.
    static let local = Callers(rawValue: 1)
    /// The people plane: somebody who is signed in, by the key of the session.
    static let person = Callers(rawValue: 2)
    /// The people plane, with the token of a service: reading alone.
    static let service = Callers(rawValue: 4)
}

extension Operation.Handler {
    /// What is answered at once; nil for a stream.
    var once: (@Sendable (OperationServices, APIMutation) async throws(Problem) -> HTTPResponse)? {
        switch self {
        case .reading(let deed):
            { api, call throws(Problem) in .script(200, try await deed(api, call.reading)) }
        case .answer(let deed):
            { api, call throws(Problem) in
                try await deed(api, call).map { .script(200, $0) } ?? .done
            }
        case .file(let deed):
            { api, call throws(Problem) in .file(try await deed(api, call.reading)) }
        case .events, .report, .local: nil
        }
    }
}

extension HTTPResponse {
    fileprivate static var done: HTTPResponse {
        HTTPResponse(status: 204, headers: [("cache-control", "no-store")] + SecurityHeaders.all)
    }
}
