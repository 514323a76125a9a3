import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

extension CallPipeline {
    /// Looks up the session; one that belongs to another principal is treated as unknown.
    func openSession(of admitted: AdmittedRequest, _ caller: Caller) throws(HTTPRefusal) {
        let head = admitted.received.head
        var known: LegacySession?
        if let text = head[StreamableHTTP.sessionHeader] {
            known = gateway.sessions.use(
                SessionID(text), by: admitted.principal, now: admitted.received.at)
            guard known != nil else { throw HTTPRefusal.unknownSession }
        }
        caller.session = known?.id
        caller.capabilities = known?.capabilities ?? JSONObject()
        caller.logLevel = known?.logLevel
        caller.version = try StreamableHTTP.version(
            header: head[StreamableHTTP.versionHeader], session: known?.version)
        if let known, known.version.hasResumption {
            caller.keep(gateway.sessions.events(of: known.id), for: admitted.principal.scopes)
        }
    }

    func parseLegacy(
        _ value: JSONValue, _ admitted: AdmittedRequest, _ caller: Caller
    ) throws(HTTPRefusal) -> ParsedBody {
        try openSession(of: admitted, caller)
        let body: ClientBody
        do throws(InvalidMessage) {
            body = try ClientBody(value, allowsBatches: caller.version.allowsBatches)
        } catch { throw HTTPRefusal(status: 400, error: error.error) }
        switch body {
        case .message(let message):
            return parsed([try parse(message, admitted, caller)], isBatch: false, admitted)
        case .batch(let elements):
            caller.mayStream = false
            return parsed(try parse(elements, admitted, caller), isBatch: true, admitted)
        }
    }

    /// Parses each element by itself; if one invalidates the whole batch, the calls before it are released.
    private func parse(
        _ elements: [ClientBody.BatchElement], _ admitted: AdmittedRequest, _ caller: Caller
    ) throws(HTTPRefusal) -> [ParsedMessage] {
        var messages: [ParsedMessage] = []
        do throws(HTTPRefusal) {
            for element in elements {
                switch element {
                case .invalid(let invalid): messages.append(.invalid(invalid.id, invalid.error))
                case .message(let message): messages.append(try parse(message, admitted, caller))
                }
            }
            return messages
        } catch {
            for case .call(let begun) in messages { finish(begun) }
            throw error
        }
    }

    private func parse(
        _ message: JSONRPCMessage, _ admitted: AdmittedRequest, _ caller: Caller
    ) throws(HTTPRefusal) -> ParsedMessage {
        switch message {
        case .notification(let method, let params):
            return .notification(ClientNotification(method: method, params: params))
        case .result(let id, let result): return try answered(id, .success(result), caller)
        case .error(let id, let error): return try answered(id, .failure(error), caller)
        case .request(let request):
            do throws(JSONRPCError) {
                let asked = try ClientRequest(request)
                if case .initialize = asked { return .request(request.id, asked) }
                guard let session = caller.session else { throw HTTPRefusal.missingSession.error }
                guard case .call(let wanted) = asked else { return .request(request.id, asked) }
                return .call(try call(wanted, request.id, session, admitted, caller))
            } catch {
                if error == HTTPRefusal.missingSession.error { throw HTTPRefusal.missingSession }
                return .invalid(request.id, error)
            }
        }
    }

    private func answered(
        _ id: RequestID?, _ answer: Result<JSONObject, JSONRPCError>, _ caller: Caller
    ) throws(HTTPRefusal) -> ParsedMessage {
        guard gateway.input.questions.answer(id, in: caller.session, answer) else {
            throw HTTPRefusal.unmatchedResponse
        }
        return .answered
    }
}
