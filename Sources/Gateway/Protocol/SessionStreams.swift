import InterlockMCP
import InterlockModel

extension CallPipeline {
    /// GET opens the session's own stream, DELETE ends the session; both by its principal only. The
    /// modern era has neither.
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
        } catch {
            caller.exchange.respond(HTTPResponse(error))
        }
    }

    /// Holds the session's own stream open. A client that comes back hears of what has changed since.
    private func openStream(
        _ session: SessionID, _ admitted: AdmittedRequest, _ caller: Caller
    ) async throws(HTTPRefusal) {
        try StreamableHTTP.checkGet(accept: admitted.received.head["accept"])
        let server = admitted.received.server
        let stream = SessionStream(
            caller.exchange, principal: admitted.principal, server: server)
        let views =
            gateway.sessions.lastSeen(in: session, at: server)
            ?? gateway.views(of: admitted.principal.agent, at: server, stream.lists)
        guard gateway.sessions.enter(stream, in: session) else {
            throw HTTPRefusal(
                status: 409,
                error: JSONRPCError(
                    code: JSONRPCError.invalidRequest,
                    message: "this session has its stream already"))
        }
        defer {
            let seen = gateway.watch.remove(stream)
            gateway.sessions.leave(
                stream, in: session, ListsSeen(server: server, views: seen), now: gateway.clock.now)
        }
        guard gateway.watch.add(stream, views) else {
            throw HTTPRefusal(status: 429, error: .tooManyStreams)
        }
        stream.start()
        gateway.settle(stream)
        await stream.untilOver()
    }
}
