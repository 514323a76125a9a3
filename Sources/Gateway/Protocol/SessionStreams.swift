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

    private func openStream(
        _ session: SessionID, _ admitted: AdmittedRequest, _ caller: Caller
    ) async throws(HTTPRefusal) {
        try StreamableHTTP.checkGet(accept: admitted.received.head["accept"])
        guard
            await gateway.sessions.holdStream(
                session, of: admitted.principal, caller.exchange, clock: gateway.clock)
        else {
            throw HTTPRefusal(
                status: 409,
                error: JSONRPCError(
                    code: JSONRPCError.invalidRequest,
                    message: "this session has its stream already"))
        }
    }
}
