import InterlockJSON
package import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// A parsed message of an admitted caller.
enum ParsedMessage {
    case call(ParsedCall)
    case retry(ParsedRetry)
    /// A response to one of the gateway's own requests, already delivered.
    case answered
    case request(RequestID, ClientRequest)
    case notification(ClientNotification)
    /// An invalid message, with an error that describes the fault.
    case invalid(RequestID?, JSONRPCError)
}

/// One POST: a message, or a batch in the only version that has batches.
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

/// A call whose JSON, envelope and, in the legacy eras, session are valid.
///
/// INVARIANT: of two faults of a request the earlier is reported, in both eras. Kept by `RejectionOrderTests`,
/// `ModernRejectionTests`.
package final class ParsedCall: Sendable {
    package let call: Call
    package let requestID: RequestID
    /// The session; is nil in the modern era.
    package let session: SessionID?
    /// Set if the caller's requests may come and go while the call runs.
    let parked: ParkedCall?

    fileprivate init(call: Call, requestID: RequestID, session: SessionID?, parked: ParkedCall?) {
        self.call = call
        self.requestID = requestID
        self.session = session
        self.parked = parked
    }
}

/// A request that continues a parked call. Its own call is only compared with the parked one.
struct ParsedRetry {
    let call: Call
    let requestID: RequestID
    let state: String
    let responses: JSONObject
}

extension CallPipeline {
    /// Parses strict JSON and checks era, headers against body, session and envelope. Makes nothing durable.
    func parse(
        _ admitted: AdmittedRequest, _ body: [UInt8], _ caller: Caller
    ) -> Result<ParsedBody, RefusedRequest> {
        let head = admitted.received.head
        let version = head[StreamableHTTP.versionHeader]
        if Era.names(modern: version) { caller.version = .modern }
        var id: RequestID?
        do throws(HTTPRefusal) {
            try StreamableHTTP.checkPost(contentType: head["content-type"], accept: head["accept"])
            let value = try json(body)
            id = value["id"].flatMap(RequestID.init)
            switch Era.detect(versionHeader: version, message: value) {
            case .modern: return .success(try parseModern(value, admitted, caller))
            case .legacy: return .success(try parseLegacy(value, admitted, caller))
            }
        } catch { return .failure(RefusedRequest(.http(HTTPResponse(error, id: id)), .body)) }
    }

    private func json(_ body: [UInt8]) throws(HTTPRefusal) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(
                parsing: body,
                limits: JSONLimits(
                    depth: gateway.settings.jsonDepthLimit, bytes: gateway.settings.bodyLimitBytes,
                    values: JSONLimits.agent.values))
        } catch { throw HTTPRefusal(status: 400, error: JSONRPCError(error)) }
    }

    func parsed(_ messages: [ParsedMessage], isBatch: Bool, _ admitted: AdmittedRequest)
        -> ParsedBody
    {
        ParsedBody(
            messages: messages, isBatch: isBatch, principal: admitted.principal,
            server: admitted.received.server)
    }

    /// Begins a call. It is cancelled by the means of its era: a notification of its session or, without a session, the
    /// end of the response stream.
    func call(
        _ wanted: CallRequest, _ id: RequestID, _ session: SessionID?, _ admitted: AdmittedRequest,
        _ caller: Caller
    ) throws(JSONRPCError) -> ParsedCall {
        let cancel = CancelToken()
        if let session {
            try begin(id, in: session, cancel)
        } else {
            caller.exchange.onClose { cancel.cancel(.client) }
        }
        gateway.counters.count(context: wanted.context)
        let callID: CallID = gateway.newID()
        let lookup = lookUp(wanted, admitted)
        let input = input(wanted, lookup, callID, session, admitted, caller, cancel)
        return ParsedCall(
            call: makeCall(
                wanted, lookup, callID, admitted, caller, cancel, input,
                wanted.method.isSubscription ? session.map(Follower.session) : nil), requestID: id,
            session: session, parked: input as? ParkedCall)
    }

    /// Finds the target of a call, under the policy in force now.
    func lookUp(_ wanted: CallRequest, _ admitted: AdmittedRequest) -> CallTarget.Lookup {
        CallTarget.Lookup(
            wanted.method, wanted.name, at: admitted.received.server,
            arguments: .object(wanted.arguments),
            under: gateway.policy.snapshot(for: admitted.principal.agent))
    }

    func makeCall(
        _ wanted: CallRequest, _ lookup: CallTarget.Lookup, _ id: CallID,
        _ admitted: AdmittedRequest, _ caller: Caller, _ cancel: CancelToken,
        _ input: (any SearchedInputSink)?, _ follower: Follower? = nil
    ) -> Call {
        Call(
            id: id, principal: admitted.principal, method: wanted.method, name: wanted.name,
            server: admitted.received.server, arguments: .object(wanted.arguments), lookup: lookup,
            context: wanted.context, received: admitted.received.at,
            notices: notices(wanted, admitted.principal, caller, input), cancel: cancel,
            input: input, follower: follower)
    }

    /// Makes the call that decides about one resource of a `subscriptions/listen`.
    func parse(
        following uri: String, _ id: RequestID, _ body: ParsedBody, _ subscription: Subscription
    ) -> ParsedCall {
        let arguments: JSONValue = ["uri": .string(uri)]
        let call = Call(
            id: gateway.newID(), principal: body.principal, method: .subscribe, name: uri,
            server: body.server, arguments: arguments,
            lookup: CallTarget.Lookup(
                .subscribe, uri, at: body.server, arguments: arguments,
                under: gateway.policy.snapshot(for: body.principal.agent)),
            received: gateway.clock.now,
            notices: nil, cancel: CancelToken(), follower: .stream(subscription))
        return ParsedCall(call: call, requestID: id, session: nil, parked: nil)
    }

    /// Makes the call of a preview, which the gateway reads for the caller of `call`.
    func parse(preview tool: ToolAddress, _ arguments: JSONValue, of call: Call) -> ParsedCall {
        let preview = Call(
            id: gateway.newID(), principal: call.principal, method: .callTool, name: tool.wireName,
            server: nil, arguments: arguments,
            lookup: CallTarget.Lookup(
                .callTool, tool.wireName, at: nil, arguments: arguments,
                under: gateway.policy.snapshot(for: call.principal.agent)),
            received: gateway.clock.now, notices: nil, cancel: call.cancel, isPreview: true)
        // The request id is unused, because the preview has no caller to answer.
        return ParsedCall(call: preview, requestID: .integer(0), session: nil, parked: nil)
    }

    /// Makes the call that a host asks about at its hook.
    func parse(
        host: HostCall, _ id: CallID, _ tool: ToolAddress, _ arguments: JSONValue,
        _ admitted: AdmittedRequest
    ) -> ParsedCall {
        let call = Call(
            id: id, principal: admitted.principal, method: .callTool, name: tool.wireName,
            server: nil, arguments: arguments,
            lookup: CallTarget.Lookup(
                .callTool, tool.wireName, at: nil, arguments: arguments,
                under: gateway.policy.snapshot(for: admitted.principal.agent)),
            received: admitted.received.at, notices: nil, cancel: CancelToken(), host: host)
        // The request id is unused: the hook is answered by a verdict.
        return ParsedCall(call: call, requestID: .integer(0), session: nil, parked: nil)
    }

    /// Returns the means to ask the caller. Nearly every call needs no such means: its server asks nothing and no
    /// approval can be needed, or its caller cannot be asked.
    private func input(
        _ wanted: CallRequest, _ lookup: CallTarget.Lookup, _ id: CallID, _ session: SessionID?,
        _ admitted: AdmittedRequest, _ caller: Caller, _ cancel: CancelToken
    ) -> (any SearchedInputSink)? {
        let declared = InputKind.declared(caller.capabilities, in: caller.version)
        guard !declared.isEmpty, caller.mayStream, wanted.method.mayAsk,
            let name = wanted.server(at: admitted.received.server),
            let server = lookup.policy.servers[name],
            !declared.isDisjoint(with: server.askedKinds)
                || !declared.isDisjoint(with: [.form, .url])
                    && mayNeedPeople(lookup, admitted.principal)
        else { return nil }
        guard let session else {
            return ParkedCall(
                id, declared, owner: SessionOwner(admitted.principal), cancel: cancel,
                service: gateway.input, notices: makeNotices(wanted, admitted.principal, caller),
                offered: wanted.offered)
        }
        return LegacyInput(
            declared, session: session, caller: caller, cancel: cancel, service: gateway.input)
    }

    /// Returns whether the caller may have to be notified that its call waits for people.
    private func mayNeedPeople(_ lookup: CallTarget.Lookup, _ principal: Principal) -> Bool {
        let policy = lookup.policy
        return lookup.target.map {
            policy.mayNeedPeople(
                $0.address, for: principal.agent,
                stage: gateway.terms(of: principal, in: policy)?.stage ?? .observe,
                elevations: gateway.elevations.compiled(under: policy))
        } ?? false
    }

    private func begin(
        _ id: RequestID, in session: SessionID, _ cancel: CancelToken
    ) throws(JSONRPCError) {
        switch gateway.sessions.begin(id, in: session, cancel: cancel) {
        case .begun: break
        case .duplicate:
            throw JSONRPCError(
                code: JSONRPCError.invalidRequest, message: "a request with this id waits already")
        case .tooMany:
            throw JSONRPCError(code: 4290, message: "too many requests of this session wait")
        case .unknown: throw HTTPRefusal.unknownSession.error
        }
    }

    /// Returns the notifications of a call, which travel on its own stream; `execute` opens it. A parked call may ask
    /// for notifications in a later request.
    private func notices(
        _ wanted: CallRequest, _ principal: Principal, _ caller: Caller,
        _ input: (any SearchedInputSink)?
    ) -> CallNotifier? {
        if let parked = input as? ParkedCall { return parked.notices }
        guard caller.mayStream, wanted.progressToken != nil || caller.logLevel != nil else {
            return nil
        }
        return makeNotices(wanted, principal, caller)
    }

    private func makeNotices(
        _ wanted: CallRequest, _ principal: Principal, _ caller: Caller
    ) -> CallNotifier {
        CallNotifier(
            CallNotifier.Preferences(token: wanted.progressToken, level: caller.logLevel),
            to: caller,
            search: NoticeSearch(
                inspector: gateway.ports.results, rules: gateway.ports.resultRules,
                redaction: gateway.redaction(for: principal)),
            of: gateway, for: principal)
    }
}

extension CallRequest {
    /// Returns the server that the name indicates.
    fileprivate func server(at endpoint: ServerName?) -> ServerName? {
        if let endpoint { return endpoint }
        switch method {
        case .readResource, .subscribe, .unsubscribe: return RoutedURI(name)?.server
        case .callTool, .getPrompt, .complete: return ToolAddress(wireName: name)?.server
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
