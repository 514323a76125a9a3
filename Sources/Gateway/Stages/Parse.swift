import InterlockJSON
package import InterlockMCP
import InterlockModel

/// A message of an admitted caller, understood.
enum ParsedMessage {
    case call(ParsedCall)
    case request(RequestID, ClientRequest)
    case notification(ClientNotification)
    /// Understood enough to say what is wrong with it.
    case invalid(RequestID?, JSONRPCError)
}

/// One POST: a message, or a batch of them in the one version that has batches.
struct ParsedBody {
    let messages: [ParsedMessage]
    let isBatch: Bool
    let principal: Principal
    let server: ServerName?

    fileprivate init(
        messages: [ParsedMessage], isBatch: Bool, principal: Principal, server: ServerName?
    ) {
        self.messages = messages
        self.isBatch = isBatch
        self.principal = principal
        self.server = server
    }
}

/// A tool call whose JSON, envelope and session are sound.
package final class ParsedCall: Sendable {
    package let call: Call
    package let requestID: RequestID
    package let session: SessionID

    fileprivate init(call: Call, requestID: RequestID, session: SessionID) {
        self.call = call
        self.requestID = requestID
        self.session = session
    }
}

extension CallPipeline {
    /// Strict JSON, era, headers against body, session, envelope. On disk when it returns: nothing.
    func parse(_ admitted: AdmittedRequest, _ body: [UInt8], _ caller: Caller) -> Result<
        ParsedBody, Stop
    > {
        let head = admitted.received.head
        var id: RequestID?
        do {
            try StreamableHTTP.checkPost(contentType: head["content-type"], accept: head["accept"])
            if Era.names(modern: head[StreamableHTTP.versionHeader]) { throw Era.modernRefusal }
            let value = try json(body)
            id = value["id"].flatMap(RequestID.init)
            if Era.detect(versionHeader: head[StreamableHTTP.versionHeader], message: value)
                == .modern
            {
                throw Era.modernRefusal
            }
            try openSession(of: admitted, caller)
            return .success(try parse(value, admitted, caller))
        } catch let refusal as HTTPRefusal {
            gateway.counters.malformed.count()
            return .failure(.http(HTTPResponse(refusal, id: id)))
        } catch {
            return .failure(.http(.plain(400, "the request cannot be read")))
        }
    }

    private func json(_ body: [UInt8]) throws(HTTPRefusal) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(
                parsing: body,
                limits: JSONLimits(
                    depth: gateway.settings.jsonDepthLimit, bytes: gateway.settings.bodyLimitBytes))
        } catch {
            throw HTTPRefusal(status: 400, error: JSONRPCError(error))
        }
    }

    /// A session id that is not this principal's is unknown to it.
    func openSession(of admitted: AdmittedRequest, _ caller: Caller) throws(HTTPRefusal) {
        let head = admitted.received.head
        var known: LegacySession?
        if let text = head[StreamableHTTP.sessionHeader] {
            known = gateway.sessions.use(
                SessionID(text), by: admitted.principal, now: admitted.received.at)
            guard known != nil else { throw HTTPRefusal.unknownSession }
        }
        caller.session = known?.id
        caller.version = try StreamableHTTP.version(
            header: head[StreamableHTTP.versionHeader], session: known?.version)
    }

    private func parse(
        _ value: JSONValue, _ admitted: AdmittedRequest, _ caller: Caller
    ) throws(HTTPRefusal) -> ParsedBody {
        let body: ClientBody
        do throws(InvalidMessage) {
            body = try ClientBody(value, allowsBatches: caller.version.allowsBatches)
        } catch {
            throw HTTPRefusal(status: 400, error: error.error)
        }
        switch body {
        case .message(let message):
            return parsed([try parse(message, admitted, caller)], false, admitted)
        case .batch(let elements):
            caller.mayStream = false
            return parsed(try parse(elements, admitted, caller), true, admitted)
        }
    }

    /// Each element by itself; one that refuses the whole batch lets go of the calls before it.
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
            for case .call(let begun) in messages {
                gateway.sessions.finish(begun.requestID, in: begun.session, now: gateway.clock.now)
            }
            throw error
        }
    }

    private func parsed(_ messages: [ParsedMessage], _ isBatch: Bool, _ admitted: AdmittedRequest)
        -> ParsedBody
    {
        ParsedBody(
            messages: messages, isBatch: isBatch, principal: admitted.principal,
            server: admitted.received.server)
    }

    private func parse(
        _ message: JSONRPCMessage, _ admitted: AdmittedRequest, _ caller: Caller
    ) throws(HTTPRefusal) -> ParsedMessage {
        switch message {
        case .notification(let method, let params):
            return .notification(ClientNotification(method: method, params: params))
        case .result, .error:
            // The gateway asks its clients nothing in this version.
            throw HTTPRefusal.unmatchedResponse
        case .request(let request):
            do throws(JSONRPCError) {
                let asked = try ClientRequest(request)
                if case .initialize = asked { return .request(request.id, asked) }
                guard let session = caller.session else { throw HTTPRefusal.missingSession.error }
                guard case .callTool(let wanted) = asked else { return .request(request.id, asked) }
                return .call(try call(wanted, request.id, session, admitted, caller))
            } catch {
                if error == HTTPRefusal.missingSession.error { throw HTTPRefusal.missingSession }
                return .invalid(request.id, error)
            }
        }
    }

    private func call(
        _ wanted: ToolCallRequest, _ id: RequestID, _ session: SessionID,
        _ admitted: AdmittedRequest,
        _ caller: Caller
    ) throws(JSONRPCError) -> ParsedCall {
        let cancel = CancelToken()
        switch gateway.sessions.begin(id, in: session, cancel: cancel) {
        case .begun: break
        case .duplicate:
            throw JSONRPCError(
                code: JSONRPCError.invalidRequest, message: "a request with this id waits already")
        case .tooMany:
            throw JSONRPCError(code: 4290, message: "too many requests of this session wait")
        case .unknown: throw HTTPRefusal.unknownSession.error
        }
        gateway.counters.count(context: wanted.context)
        let call = Call(
            id: gateway.newID(), principal: admitted.principal, method: .callTool,
            name: wanted.name,
            server: admitted.received.server, arguments: .object(wanted.arguments),
            context: wanted.context,
            received: admitted.received.at,
            progress: wanted.progressToken.flatMap { progress(to: caller, token: $0) },
            cancel: cancel)
        return ParsedCall(call: call, requestID: id, session: session)
    }

    /// Progress travels on the call's own stream, which `execute` finds open.
    private func progress(to caller: Caller, token: RequestID) -> (@Sendable (JSONObject) -> Void)?
    {
        guard caller.mayStream else { return nil }
        let exchange = caller.exchange
        let version = caller.version
        return { progress in
            let message = GatewayIdentity.progress(token: token, progress, version: version)
            exchange.send(event: SSEEvent(data: message).encoded())
        }
    }
}

extension HTTPResponse {
    init(_ refusal: HTTPRefusal, id: RequestID? = nil) {
        self.init(
            status: refusal.status, headers: [("content-type", StreamableHTTP.json)],
            body: refusal.body(id: id))
    }
}
