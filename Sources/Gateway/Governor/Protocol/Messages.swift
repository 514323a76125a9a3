import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension CallPipeline {
    /// Answers each message of one POST; a POST with only notifications gets 202.
    func answer(_ body: ParsedBody, _ caller: Caller) async {
        var answers: [[UInt8]] = []
        var wire = Wire()
        var hasWaited = false
        for message in body.messages {
            switch message {
            case .notification(let notification): take(notification, caller)
            case .invalid(let id, let error):
                gateway.counters.malformed.count()
                answers.append(refuse(id, error, caller, &wire))
            case .request(let id, .listen(let wanted)):
                answers.append(await listen(wanted, id, body, caller, &wire))
            case .request(let id, .list(let list, let cursor)):
                if !hasWaited {
                    hasWaited = true
                    await gateway.awaitStarts(for: body.principal.agent, at: body.server)
                }
                answers.append(await serve(list, cursor, id, body, caller, &wire))
            case .request(let id, let request):
                answers.append(answer(request, id, body, caller, &wire))
            case .answered: break
            case .retry(let retry): answers.append(await resume(retry, caller, &wire))
            case .call(let parsed):
                if let parked = parsed.parked {
                    answers.append(await start(parked, parsed, caller, &wire))
                    continue
                }
                guard isOffered(parsed.call) else {
                    finish(parsed)
                    let method = parsed.call.method.rawValue
                    answers.append(refuse(parsed.requestID, .unknownMethod(method), caller, &wire))
                    continue
                }
                let end = await govern(parsed, caller)
                settle(end, of: parsed.call)
                finish(parsed)
                answers.append(
                    respond(
                        end, of: parsed.call.id, parsed.call.method, to: parsed.requestID, caller,
                        &wire))
            }
        }
        deliver(answers, isBatch: body.isBatch, wire, caller)
    }

    /// Releases the id of a session's call, which may then be reused.
    func finish(_ parsed: ParsedCall) {
        guard let session = parsed.session else { return }
        gateway.sessions.finish(parsed.requestID, in: session, now: gateway.clock.now)
    }

    /// The HTTP status and headers of the response.
    struct Wire {
        var status = 200
        var headers: [(name: String, value: String)] = []
        /// A response that replaces all messages.
        var challenge: HTTPResponse?
    }

    /// Returns an error response, and sets its HTTP status.
    func refuse(
        _ id: RequestID?, _ error: JSONRPCError, _ caller: Caller, _ wire: inout Wire
    ) -> [UInt8] {
        wire.status = error.httpStatus(in: caller.version)
        return JSONRPCWriter.error(id: id, error)
    }

    private func deliver(_ answers: [[UInt8]], isBatch: Bool, _ wire: Wire, _ caller: Caller) {
        if let challenge = wire.challenge { return caller.exchange.respond(challenge) }
        guard let first = answers.first else {
            return caller.exchange.respond(HTTPResponse(status: 202))
        }
        caller.deliver(
            isBatch ? JSONRPCWriter.batch(answers) : first, status: isBatch ? 200 : wire.status,
            headers: wire.headers)
    }

    private func take(_ notification: ClientNotification, _ caller: Caller) {
        guard let session = caller.session else { return }
        switch notification {
        case .initialized: gateway.sessions.markInitialized(session)
        case .cancelled(let request, _): gateway.sessions.cancel(request, in: session)
        case .other: break
        }
    }

    private func answer(
        _ request: ClientRequest, _ id: RequestID, _ body: ParsedBody, _ caller: Caller,
        _ wire: inout Wire
    ) -> [UInt8] {
        switch request {
        case .ping: return JSONRPCWriter.result(id: id, GatewayIdentity.emptyResult)
        case .setLogLevel(let level):
            if let session = caller.session { gateway.sessions.set(level, of: session) }
            return JSONRPCWriter.result(id: id, GatewayIdentity.emptyResult)
        case .discover:
            if let refused = pace(gateway.admission.discovers, "discovers", body.principal.agent) {
                return refuse(id, refused, caller, &wire)
            }
            return JSONRPCWriter.result(
                id: id,
                GatewayIdentity.discoverResult(
                    capabilities: gateway.capabilities(of: body.principal, at: body.server),
                    serverVersion: gateway.settings.version))
        case .initialize(let wanted): return initialize(wanted, id, body, &wire)
        case .call, .listen, .list:
            // Unreachable for calls: `parse` made them `ParsedCall`, and nothing else may reach a server. A stream is
            // held open above, and a list is searched there.
            return JSONRPCWriter.error(
                id: id,
                JSONRPCError(code: JSONRPCError.internalError, message: "the call was refused"))
        }
    }

    private func initialize(
        _ wanted: InitializeRequest, _ id: RequestID, _ body: ParsedBody, _ wire: inout Wire
    ) -> [UInt8] {
        let run = gateway.runs.context(of: body.principal)
        let policy = gateway.policy.snapshot(for: body.principal.agent)
        gateway.runs.open(run, policy: policy.digest)
        guard
            let session = gateway.sessions.open(
                wanted, for: body.principal, run: run, now: gateway.clock.now)
        else {
            wire.status = 503
            return JSONRPCWriter.error(
                id: id,
                JSONRPCError(code: 4290, message: "no session slot is free; end another session"))
        }
        wire.headers.append((StreamableHTTP.sessionHeader, session.id.text))
        return JSONRPCWriter.result(
            id: id,
            GatewayIdentity.initializeResult(
                version: session.version,
                capabilities: gateway.capabilities(of: body.principal, at: body.server),
                serverVersion: gateway.settings.version,
                instructions: gateway.gateNotice(ofSession: body.principal, under: policy)))
    }
}
