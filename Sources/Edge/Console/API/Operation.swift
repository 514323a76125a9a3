import InterlockAdministration
import InterlockJSON
import InterlockModel
import InterlockPorts

/// One thing that the API can be asked. All of them stand in `Operation.all`: requests are answered from that table,
/// and the document is written from it.
struct Operation: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    /// What a stream tells the changes of.
    enum Topic: String, Sendable { case approvals, standing }

    enum Handler: Sendable {
        /// For people and services. What it is given has no session, without which nothing is done for anybody.
        case reading(@Sendable (PeopleAPI, APIQuery) async throws(Problem) -> JSONValue)
        /// For people alone; nil is answered without a body.
        case answer(@Sendable (PeopleAPI, APIMutation) async throws(Problem) -> JSONValue?)
        /// Bytes to be kept, with a name; for people and services.
        case file(@Sendable (PeopleAPI, APIQuery) async throws(Problem) -> EvidenceFileBody)
        /// Server-sent events, for as long as the session lasts.
        case events(Topic)
        /// The same, about one halt, until nothing of it is left.
        case report
    }

    /// `operationId` of the document.
    let name: String
    let method: Method
    let path: PathPattern
    let summary: String
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
    let deed: Handler

    static let all =
        // `load` before `approvals`: its name stands where an id could.
        entry + load + approvals + decisions + orders + services + halts + orderDrafts + elevations
        + standing + agents + servers + policy + signOffs + records + runs + alerts + limits

    /// What whoever asks for a path could mean.
    static func candidates(at path: String) -> [(operation: Operation, places: [ExactText: String])]
    {
        all.compactMap { operation in
            operation.path.match(path).map { (operation: operation, places: $0) }
        }
    }

    /// Whether somebody is at it: a stream is opened by the page itself, also when it was lost.
    var isUse: Bool {
        switch deed {
        case .events: false
        case .reading, .answer, .file, .report: true
        }
    }

    /// Whether a service may ask for it with its token. Requests for approval are for who decides them.
    var isForServices: Bool {
        switch deed {
        case .reading, .file, .report, .events(.standing): true
        case .answer, .events(.approvals): false
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

extension Operation.Handler {
    /// What is answered at once; nil for a stream.
    var once: (@Sendable (PeopleAPI, APIMutation) async throws(Problem) -> HTTPResponse)? {
        switch self {
        case .reading(let deed):
            { api, call throws(Problem) in .script(200, try await deed(api, call.reading)) }
        case .answer(let deed):
            { api, call throws(Problem) in
                try await deed(api, call).map { .script(200, $0) } ?? .done
            }
        case .file(let deed):
            { api, call throws(Problem) in .file(try await deed(api, call.reading)) }
        case .events, .report: nil
        }
    }
}

extension HTTPResponse {
    fileprivate static var done: HTTPResponse {
        HTTPResponse(status: 204, headers: [("cache-control", "no-store")] + SecurityHeaders.all)
    }
}
