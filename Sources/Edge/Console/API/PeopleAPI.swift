import InterlockAdministration
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// The JSON API of the people plane: what the console's pages can, for programs and for the console's own script. It
/// goes through the same desks. Who asks is signed in as for a page (the cookie of the session) and proves each request by
/// the key of the session (decision 0040); what changes something brings the session's form token in a header as well. A
/// service comes with a token of its own, and only reads (decision 0036).
struct PeopleAPI: Sendable {
    let origins: OwnOrigins
    let sessions: any PersonSessions
    let operations: OperationServices
    let proofs: RequestProof
    let streams: EventStreamLimiter
    private let answers = Answers()

    /// Shared by the copies of this value.
    private final class Answers: Sendable {
        let book = Mutex(IdempotencyCache())
    }

    static let prefix = "/api/v1"
    static let formTokenHeader = "x-interlock-form-token"
    static let keyHeader = "idempotency-key"
    static let bodyLimitBytes = 64 << 10
    static let stranger = "sign in at the console; this needs the cookie of a session"
    static let onlyRead = "people do this, signed in; the document says what a service may read"
    private static let keyLength = 1...255

    init(
        origins: OwnOrigins, sessions: any PersonSessions, operations: OperationServices,
        proofs: RequestProof, streams: EventStreamLimiter
    ) {
        self.origins = origins
        self.sessions = sessions
        self.operations = operations
        self.proofs = proofs
        self.streams = streams
    }

    static func serves(_ path: String) -> Bool { path.hasPrefix("/api/") }
}

extension PeopleAPI: RequestHandler {
    func judge(_ head: RequestHead) -> HeadDecision {
        do throws(Problem) {
            let operation = try found(head).operation
            guard operation.method == .post else {
                try checkSite(head)
                return .readBody(limitBytes: 0)
            }
            try checkSource(head)
            // Whose session it is, is looked at with the body; nobody's is not worth reading.
            guard operation.isOpen || HostCookie.session.value(in: head) != nil else {
                throw Problem(.notSignedIn, Self.stranger)
            }
            return .readBody(limitBytes: Self.bodyLimitBytes)
        } catch {
            return .refuse(error.response)
        }
    }

    func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        var session: PersonSession?
        do throws(Problem) {
            let found = try found(head)
            let operation = found.operation
            if found.service == nil { session = try await self.session(head, operation) }
            try checkProof(head, body, session, operation)
            guard let deed = operation.deed.once else {
                return try await open(found, session, head, exchange)
            }
            let call = APIMutation(
                reading: APIQuery(
                    isHead: head.method == "HEAD",
                    from: found.service.map(APIPrincipal.service)
                        ?? session.map(APIPrincipal.person),
                    places: found.places, query: try operation.fields(of: head)),
                body: try operation.value(body, limit: Self.bodyLimitBytes))
            let response = try await once(head, body, session, operation) {
                await answer { () async throws(Problem) in try await deed(operations, call) }
            }
            exchange.respond(response.giving(session))
        } catch {
            exchange.respond(error.response.giving(session))
        }
    }

    /// Before anything of the body is parsed.
    ///
    /// - Parameter session: nil for services and for what is open to everyone.
    private func checkProof(
        _ head: RequestHead, _ body: [UInt8], _ session: PersonSession?, _ operation: Operation
    ) throws(Problem) {
        guard let session else { return }
        guard let token = HostCookie.session.value(in: head) else {
            throw Problem(.notSignedIn, Self.stranger)
        }
        if let fault = proofs.fault(head, body: body, in: token) {
            throw Problem(
                fault == .tooMany ? .tooMany : .notProven, fault.sentence,
                (SessionProof.faultHeader, fault.rawValue))
        }
        guard operation.method == .post else { return }
        guard sessions.made(head[Self.formTokenHeader] ?? "", for: session) else {
            throw Problem(
                .foreignForm,
                "`\(Self.formTokenHeader)` must be `form_token` of `\(Self.prefix)/session`")
        }
    }

    /// A stream, for as long as it lasts.
    private func open(
        _ found: Found, _ session: PersonSession?, _ head: RequestHead, _ exchange: any Exchange
    ) async throws(Problem) {
        let listener: StreamListener
        if let service = found.service, let token = head.bearer {
            listener = self.listener(service, token)
        } else if let session, let token = HostCookie.session.value(in: head) {
            listener = self.listener(session, token)
        } else {
            throw Problem(.notSignedIn, Self.stranger)
        }
        let isHead = head.method == "HEAD"
        guard case .events(let news) = found.operation.deed else {
            return try await followReport(exchange, found.places, for: listener, isHead: isHead)
        }
        // First, so that nothing is missed by who asks for the page when the stream is open.
        let changes = try changes(of: news)
        // Whoever asks for the head alone takes no place.
        guard !isHead else { return exchange.respond(Self.streamHead) }
        await stream(exchange, changes, for: listener)
    }

    /// What is asked for, and by which service; nil for who comes without a token.
    private struct Found {
        let operation: Operation
        let places: [ExactText: String]
        let service: ServiceAccount?
    }

    private func found(_ head: RequestHead) throws(Problem) -> Found {
        guard origins.origin(of: head) != nil else {
            throw Problem(.notServedHere, "another name in `Host` is another page's way here")
        }
        let service = try service(head)
        let (operation, places) = try operation(head)
        guard service == nil || operation.isForServices || operation.isOpen else {
            throw Problem(.notForServices, Self.onlyRead)
        }
        return Found(operation: operation, places: places, service: service)
    }

    /// Whose token came; nil without any. Whatever else stands in the field is a token that counts for nothing.
    private func service(_ head: RequestHead) throws(Problem) -> ServiceAccount? {
        guard head["authorization"] != nil else { return nil }
        guard head["cookie"] == nil else {
            throw Problem(.malformed, "come with a cookie or with a token, not with both")
        }
        guard let token = head.bearer, let service = operations.services?.service(of: token) else {
            throw Problem(
                .unknownToken, "it is no service's, or over",
                ("www-authenticate", "Bearer realm=\"interlock\", error=\"invalid_token\""))
        }
        return service
    }

    /// By path and method.
    private func operation(
        _ head: RequestHead
    ) throws(Problem) -> (operation: Operation, places: [ExactText: String]) {
        guard head.path.hasPrefix(Self.prefix + "/") else { throw Self.noPath }
        let path = String(head.path.dropFirst(Self.prefix.utf8.count))
        let candidates = Operation.candidates(at: path)
        let method = head.method == "HEAD" ? "GET" : head.method
        if let found = candidates.first(where: { $0.operation.method.rawValue == method }) {
            return found
        }
        guard !candidates.isEmpty else { throw Self.noPath }
        let allowed = candidates.flatMap { candidate in
            candidate.operation.method == .get ? ["GET", "HEAD"] : ["POST"]
        }
        throw Problem(
            .methodNotAllowed, "this path takes \(allowed.joined(separator: ", "))",
            ("allow", allowed.joined(separator: ", ")))
    }

    private static var noPath: Problem {
        Problem(.noSuchPath, "`\(prefix)/openapi.json` has all that there are")
    }

    /// What another site's page embeds comes with the cookie too, where only its port or its host's first name differs.
    private func checkSite(_ head: RequestHead) throws(Problem) {
        guard head.isAskedHere else {
            throw Problem(.foreignOrigin, "`Sec-Fetch-Site` is not `same-origin`")
        }
    }

    /// A browser says with each POST which page it comes from; a program says nothing of it, and has the form token
    /// from the session all the same.
    private func checkSource(_ head: RequestHead) throws(Problem) {
        if let origin = head["origin"], origin != origins.origin(of: head) {
            throw Problem(.foreignOrigin, "`Origin` is not this console's")
        }
        guard head.isSentByOwnPage else {
            throw Problem(.foreignOrigin, "`Sec-Fetch-Site` is not `same-origin`")
        }
        // JSON is UTF-8, whatever a parameter says (RFC 8259, 8.1).
        guard head.mediaType == "application/json" else {
            throw Problem(.notJSON, "`Content-Type` must be `application/json`")
        }
        if let length = head.contentLength, length > Self.bodyLimitBytes {
            throw Problem(.tooLarge, "a body has at most \(Self.bodyLimitBytes) bytes")
        }
    }

    /// Who asks; nil where nobody has to be.
    private func session(
        _ head: RequestHead, _ operation: Operation
    ) async throws(Problem) -> PersonSession? {
        guard !operation.isOpen else { return nil }
        let isUse = operation.isUse && head[Console.refreshHeader] == nil
        guard let token = HostCookie.session.value(in: head),
            let session = await sessions.session(of: token, isUse: isUse)
        else { throw Problem(.notSignedIn, Self.stranger) }
        return session
    }

    private func answer(
        _ deed: () async throws(Problem) -> HTTPResponse
    ) async -> HTTPResponse {
        do throws(Problem) { return try await deed() } catch { return error.response }
    }

    /// With an idempotency key: done once, and answered alike when it is sent again. What was refused for want of
    /// disk or room was not done, and is tried again.
    private func once(
        _ head: RequestHead, _ body: [UInt8], _ session: PersonSession?, _ operation: Operation,
        _ deed: () async -> HTTPResponse
    ) async throws(Problem) -> HTTPResponse {
        guard operation.method == .post, let session, let text = head[Self.keyHeader] else {
            return await deed()
        }
        guard operation.takesKey else {
            throw Problem(.malformed, "a signed order is done once by its own id, without a key")
        }
        guard Self.keyLength.contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            throw Problem(.malformed, "an idempotency key is 1 to 255 visible characters of ASCII")
        }
        let key = IdempotencyCache.Key(session.pseudonym, text)
        let request = operations.hashing.sha256((Array("\(head.path)\0".utf8) + body).span)
        switch answers.book.withLock({ $0.begin(key, request, at: operations.clock.boot) }) {
        case .run: break
        case .replay(var answer):
            answer.headers.append(("idempotent-replayed", "true"))
            return answer
        case .busy: throw Problem(.keyInUse, "the first request with this key is not answered yet")
        case .other: throw Problem(.keyReused, "take a new key for another request")
        case .full: throw Problem(.tooMany, "too many requests with keys are being answered")
        }
        let answer = await deed()
        // What was too early is asked again when it is not.
        let wasTaken = answer.status < 500 && ![428, 429].contains(answer.status)
        answers.book.withLock { wasTaken ? $0.end(key, answer) : $0.drop(key) }
        return answer
    }
}
