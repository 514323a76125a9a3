import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockMCP
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockSchemas

/// One operation of the gateway. `Operation.all` is the table of all operations: `PeopleAPI` and `LocalAPI` serve
/// requests from it, and `OpenAPI` generates the document from it.
package struct Operation: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    /// The subject of a stream of change events.
    enum Topic: String, Sendable { case approvals, status }

    enum Handler: Sendable {
        /// Reads, for people and service accounts. An `APIQuery` has no body and offers no author for a change.
        case reading(@Sendable (OperationServices, APIQuery) async throws(Problem) -> JSONValue)
        /// Serves a person, the command line or an open operation. A nil result gives a 204 response without a body.
        case answer(@Sendable (OperationServices, APIMutation) async throws(Problem) -> JSONValue?)
        /// Returns a named file to download, for people and service accounts.
        case file(@Sendable (OperationServices, APIQuery) async throws(Problem) -> EvidenceFileBody)
        /// Streams server-sent events until the session or token ends.
        case events(Topic)
        /// Streams the reports of one halt until all its points have stopped, or the session or token ends.
        case report
        /// Serves the command line only.
        case local(@Sendable (LocalServices) -> (LocalCall) async throws(Problem) -> JSONValue)
    }

    /// The `operationId` in the document.
    let name: String
    let method: Method
    let path: PathPattern
    /// True if programs ask again and again by themselves, so that it counts as no activity of the person.
    var isPolled = false
    /// The `summary` in the document.
    var summary = ""
    /// True if the operation requires neither a session nor a token.
    var isOpen = false
    var query: [JSONSchemaType.Member] = []
    var body: JSONSchemaType?
    /// True if the operation accepts an idempotency key. A signed order is executed once by its own id, and its
    /// response, which may hold a token, is not cached.
    var takesKey: Bool { method == .post && !isSigned }
    var isSigned = false
    /// The schema of the response, or nil for 204.
    var answer: JSONSchemaType?
    /// The problems in addition to those that `everyProblem` derives from the other properties.
    var problems: [ProblemKind] = []
    /// True if the local socket serves the operation too.
    var isLocal = false
    /// True if the local socket alone serves the operation.
    var isOfCommands = false
    let handler: Handler

    static let all =
        // `load` precedes `approvals`, because its path also matches the pattern of a request's id.
        entry + sessions + inbox + load + approvals + decisions + orders + peopleDrafts
        + breakGlassDrafts
        + delegations + services
        + halts
        + orderDrafts
        + drills + elevations
        + status + agents + evals + trust + promotions + promotionDrafts + stageExceptions
        + reviews + reviewDrafts + readiness + servers
        + policy
        + proposals + matrix + search
        + signOffs
        + records
        + runs + runOrders + taint + alerts + incidents + outcomes + denials
        + limits + sandboxes + workspaces + changeReview + hosts + merges + hooks
        + local

    /// The operations of the people plane, which the document describes.
    static let published = all.filter { !$0.callers.isDisjoint(with: [.person, .service]) }
    /// The operations of the local socket.
    static let ofCommands = all.filter { $0.callers.contains(.local) }

    /// True if a request counts as activity of the person. `events` does not, because a page opens and reopens that
    /// stream by itself.
    var isUse: Bool {
        if isPolled { return false }
        return switch handler {
        case .events: false
        case .reading, .answer, .file, .report, .local: true
        }
    }

    /// The doors that serve the operation. Operations on approval requests never serve service accounts.
    var callers: Callers {
        if isOfCommands { return .local }
        let own: Callers =
            switch handler {
            case .reading, .file, .report, .events(.status): [.person, .service]
            case .answer, .events(.approvals): .person
            case .local: .local
            }
        return isLocal ? own.union(.local) : own
    }

    /// True if the operation accepts a service account's token.
    var isForServices: Bool { callers.contains(.service) }

    /// Returns the parameters of the query. An undeclared or repeated parameter is malformed.
    func fields(of head: RequestHead) throws(Problem) -> [ExactText: JSONValue] {
        guard let fields = FormFields.parse(head.query ?? "") else {
            throw Problem(.malformed, "the query is malformed, or names something twice")
        }
        return try QueryFields.read(fields, query)
    }

    /// Returns the body, valid under the operation's schema, or null if the operation has no body.
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

    /// Every problem that the operation can return, in the order of `ProblemKind`.
    var everyProblem: [ProblemKind] {
        var kinds: Set<ProblemKind> = [.malformed, .unknownToken, .notServedHere, .foreignOrigin]
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

/// The entry points to operations, each with its own authentication.
struct Callers: OptionSet, Sendable {
    let rawValue: Int

    /// The local socket: root and the gateway's own user, as the kernel reports them.
    static let local = Callers(rawValue: 1)
    /// The people plane: a signed-in person, proven by the key of the session.
    static let person = Callers(rawValue: 2)
    /// The people plane: a service account with its token, read-only.
    static let service = Callers(rawValue: 4)
}

extension Operation.Handler {
    /// The handler that returns a complete response, or nil for streams and operations of the command line only.
    var once: (@Sendable (OperationServices, APIMutation) async throws(Problem) -> HTTPResponse)? {
        switch self {
        case .reading(let handler):
            { api, call throws(Problem) in .script(200, try await handler(api, call.reading)) }
        case .answer(let handler):
            { api, call throws(Problem) in
                try await handler(api, call).map { .script(200, $0) } ?? .done
            }
        case .file(let handler):
            { api, call throws(Problem) in .file(try await handler(api, call.reading)) }
        case .events, .report, .local: nil
        }
    }
}

extension HTTPResponse {
    fileprivate static var done: HTTPResponse {
        HTTPResponse(status: 204, headers: [("cache-control", "no-store")] + SecurityHeaders.all)
    }
}

/// Reads the parameters of a query. An undeclared parameter, or one that does not match its schema, is malformed.
enum QueryFields {
    static func read(
        _ fields: [ExactText: String], _ members: [JSONSchemaType.Member]
    ) throws(Problem) -> [ExactText: JSONValue] {
        var found: [ExactText: JSONValue] = [:]
        for (name, text) in fields.sorted(by: { $0.key < $1.key }) {
            guard let member = members.first(where: { sameBytes($0.name, name.text) }) else {
                throw Problem(.malformed, "unknown parameter `\(name)`")
            }
            let value = value(text, member.shape)
            do throws(FormError) { try member.shape.check(value, at: name.text) } catch {
                throw Problem(error)
            }
            found[member.name] = value
        }
        return found
    }

    /// Converts a number only in its canonical spelling: without a plus sign or leading zeros.
    private static func value(_ text: String, _ shape: JSONSchemaType) -> JSONValue {
        guard case .whole = shape, let number = Int64(text), String(number) == text else {
            return .string(text)
        }
        return .integer(number)
    }
}

extension APIRequestContext {
    var page: Int { query["page"]?.integer.map(Int.init) ?? 1 }
}
