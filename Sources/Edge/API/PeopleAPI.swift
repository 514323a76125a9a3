package import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
package import InterlockSchemas
import Synchronization

/// The JSON API of the people plane, for programs and for the console's own script. It uses the same services as the
/// pages. A person needs the cookie of a session and proves each request by the key of the session (decision 0040); a
/// POST also requires the session's form token in a header. A service account authenticates with its own token and only
/// reads (decision 0036).
package struct PeopleAPI: Sendable {
    let origins: OwnOrigins
    let sessions: any PersonSessions
    package let operations: OperationServices
    let proofs: RequestProof
    let streams: EventStreamLimiter
    private let answers = Answers()

    package init(
        origins: OwnOrigins, sessions: any PersonSessions, operations: OperationServices,
        proofs: RequestProof, streams: EventStreamLimiter
    ) {
        self.origins = origins
        self.sessions = sessions
        self.operations = operations
        self.proofs = proofs
        self.streams = streams
    }

    /// Shared by the copies of this value.
    private final class Answers: Sendable {
        let book = Mutex(IdempotencyCache())
    }

    package static let prefix = "/api/v1"
    static let formTokenHeader = "x-interlock-form-token"
    static let keyHeader = "idempotency-key"
    static let bodyLimitBytes = 64 << 10
    static let stranger = "sign in at the console; this needs the cookie of a session"
    static let onlyRead = "people do this, signed in; the document says what a service may read"
    private static let keyLength = 1...255

    package static func serves(_ path: String) -> Bool { path.hasPrefix("/api/") }
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
            // The session is verified after the body is read; without a session cookie, the body is not read.
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
            try await checkProof(head, body, session, operation)
            try operation.check(on: operations)
            guard let action = operation.handler.once else {
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
                await answer { () async throws(Problem) in try await action(operations, call) }
            }
            exchange.respond(response.giving(session))
        } catch {
            exchange.respond(error.response.giving(session))
        }
    }

    /// Checks the proof and, for a POST, the form token. Must be called before the body is parsed.
    ///
    /// - Parameter session: nil for service accounts and for open operations, which need no proof.
    private func checkProof(
        _ head: RequestHead, _ body: [UInt8], _ session: PersonSession?, _ operation: Operation
    ) async throws(Problem) {
        guard let session else { return }
        guard let token = HostCookie.session.value(in: head) else {
            throw Problem(.notSignedIn, Self.stranger)
        }
        if let fault = await proofs.fault(head, body: body, in: token) {
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

    /// Opens the stream of an operation, and returns when it ends.
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
        guard case .events(let topics) = found.operation.handler else {
            return try await followReport(exchange, found.places, for: listener, isHead: isHead)
        }
        // Subscribes before the response starts, so that a page loaded once the stream is open misses no change.
        let changes = try changes(of: topics)
        // A HEAD request takes no slot.
        guard !isHead else { return exchange.respond(Self.streamHead) }
        await stream(exchange, changes, for: listener)
    }

    /// The operation that a request names, and the service account of its token; nil without a token.
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

    /// Returns the service account of the token, or nil without an `Authorization` field. Any other value of that field
    /// is rejected as an unknown token.
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

    /// Finds an operation by path and method.
    private func operation(
        _ head: RequestHead
    ) throws(Problem) -> (operation: Operation, places: [ExactText: String]) {
        guard head.path.hasPrefix(Self.prefix + "/") else { throw Self.noPath }
        let candidates = OperationTable.published.candidates(
            at: head.path.dropFirst(Self.prefix.utf8.count))
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

    /// Rejects a GET from a page of another origin. The cookie comes with such a request, too, if only the port or the
    /// first label of the host differs.
    private func checkSite(_ head: RequestHead) throws(Problem) {
        guard head.isAskedHere else {
            throw Problem(.foreignOrigin, "`Sec-Fetch-Site` is not `same-origin`")
        }
    }

    /// Checks the origin, media type and length of a POST. A browser states the origin; a program may omit it, but also
    /// needs the session's form token.
    private func checkSource(_ head: RequestHead) throws(Problem) {
        if let origin = head["origin"], origin != origins.origin(of: head) {
            throw Problem(.foreignOrigin, "`Origin` is not this console's")
        }
        guard head.isSentByOwnPage else {
            throw Problem(.foreignOrigin, "`Sec-Fetch-Site` is not `same-origin`")
        }
        // Parameters are ignored: JSON is always UTF-8 (RFC 8259, 8.1).
        guard head.mediaType == "application/json" else {
            throw Problem(.notJSON, "`Content-Type` must be `application/json`")
        }
        if let length = head.contentLength, length > Self.bodyLimitBytes {
            throw Problem(.tooLarge, "a body has at most \(Self.bodyLimitBytes) bytes")
        }
    }

    /// Returns the session of the caller, or nil if the operation is open.
    private func session(
        _ head: RequestHead, _ operation: Operation
    ) async throws(Problem) -> PersonSession? {
        guard !operation.isOpen else { return nil }
        let isUse = operation.isUse && !head.isRefresh
        guard let token = HostCookie.session.value(in: head),
            let session = await sessions.session(of: token, isUse: isUse)
        else { throw Problem(.notSignedIn, Self.stranger) }
        return session
    }

    private func answer(
        _ action: () async throws(Problem) -> HTTPResponse
    ) async -> HTTPResponse {
        do throws(Problem) { return try await action() } catch { return error.response }
    }

    /// Runs `deed`. With an idempotency key, keeps the response and returns it again if the request is repeated. A
    /// response with status 428, 429 or 5xx is not kept, so that the request can be tried again.
    private func once(
        _ head: RequestHead, _ body: [UInt8], _ session: PersonSession?, _ operation: Operation,
        _ action: () async -> HTTPResponse
    ) async throws(Problem) -> HTTPResponse {
        guard operation.method == .post, let session, let text = head[Self.keyHeader] else {
            return await action()
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
        let answer = await action()
        // 428 and 429 are for requests that came too early or too often; the client may repeat them.
        let wasTaken = answer.status < 500 && ![428, 429].contains(answer.status)
        answers.book.withLock { wasTaken ? $0.end(key, answer) : $0.drop(key) }
        return answer
    }
}
