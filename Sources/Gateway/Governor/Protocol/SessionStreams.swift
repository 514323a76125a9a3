import InterlockMCP
import InterlockModel
import InterlockPorts

extension CallPipeline {
    /// Handles GET, which opens the session's own stream, and DELETE, which ends the session; only for the session's
    /// principal. The modern era has neither.
    func manageSession(_ admitted: AdmittedRequest, _ caller: Caller) async {
        if Era.names(modern: admitted.received.head[StreamableHTTP.versionHeader]) {
            return caller.exchange.respond(
                .plain(405, "this version has no sessions; use POST", ("allow", "POST")))
        }
        do throws(HTTPRefusal) {
            try openSession(of: admitted, caller)
            guard let session = caller.session else { throw HTTPRefusal.missingSession }
            switch admitted.received.method {
            case .get: try await openStream(session, admitted, caller)
            case .delete:
                let run = gateway.runs.context(of: admitted.principal)
                guard gateway.sessions.end(session, by: admitted.principal, run: run) else {
                    throw HTTPRefusal.unknownSession
                }
                caller.exchange.respond(HTTPResponse(status: 200))
            case .post: throw HTTPRefusal.missingSession
            }
        } catch { caller.exchange.respond(HTTPResponse(error)) }
    }

    /// Opens the session's own stream, which outlives its handler, or resumes one that its client has lost. A client that
    /// resumes is notified of changes since.
    private func openStream(
        _ session: SessionID, _ admitted: AdmittedRequest, _ caller: Caller
    ) async throws(HTTPRefusal) {
        let head = admitted.received.head
        try StreamableHTTP.checkGet(accept: head["accept"])
        var last: EventID?
        if let text = head[StreamableHTTP.lastEventHeader] {
            guard let events = caller.events, let id = EventID(text) else {
                throw HTTPRefusal.cannotResume
            }
            guard gateway.sessions.isOwn(id.stream, of: session) else {
                return try await resume(id, events, admitted.principal, caller)
            }
            last = id
        }
        let server = admitted.received.server
        let stream = SessionStream(caller, principal: admitted.principal, server: server)
        let views =
            gateway.sessions.lastSeen(in: session, at: server)
            ?? gateway.views(of: admitted.principal, at: server, stream.lists)
        guard gateway.listChanges.room(for: admitted.principal) else {
            throw HTTPRefusal.tooManyStreams
        }
        guard gateway.sessions.enter(stream, in: session, comesBack: last != nil) else {
            throw HTTPRefusal.hasStream
        }
        let leave = { @Sendable [gateway] in
            let seen = gateway.listChanges.remove(stream)
            gateway.sessions.leave(
                stream, in: session, ListsSeen(server: server, views: seen), now: gateway.clock.now)
        }
        if let last {
            guard stream.resume(after: last) else {
                leave()
                throw HTTPRefusal.cannotResume
            }
            gateway.sessions.own(last.stream, by: admitted.principal, of: session)
        } else if let number = stream.start(primes: caller.version.hasPolling) {
            gateway.sessions.own(number, by: admitted.principal, of: session)
        }
        if gateway.listChanges.add(stream, views) { gateway.settle(stream) } else { stream.end() }
        stream.outliveHandler(ended: leave)
    }

    /// Resumes the stream of a call whose client has lost it.
    private func resume(
        _ id: EventID, _ events: SessionEvents, _ principal: Principal, _ caller: Caller
    ) async throws(HTTPRefusal) {
        switch events.resume(id, on: caller.exchange, for: principal.scopes) {
        case .unknown, .lost: throw HTTPRefusal.cannotResume
        case .over: return
        case .goesOn(let life): await life.untilOver()
        }
    }
}

extension HTTPRefusal {
    fileprivate static let cannotResume = HTTPRefusal(
        status: 400,
        error: JSONRPCError(
            code: JSONRPCError.invalidRequest,
            message:
                "the stream cannot go on from there: its events are not kept here, or no longer"))
    fileprivate static let hasStream = HTTPRefusal(
        status: 409,
        error: JSONRPCError(
            code: JSONRPCError.invalidRequest, message: "this session has its stream already"))
    fileprivate static let tooManyStreams = HTTPRefusal(status: 429, error: .tooManyStreams)
}
