import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

extension CallPipeline {
    /// Makes the response message in the caller's protocol version. Makes nothing durable.
    func respond(
        _ end: CallEnd, of call: CallID, _ method: CallMethod, to id: RequestID, _ caller: Caller,
        _ wire: inout Wire
    ) -> [UInt8] {
        func result(_ result: JSONObject) -> [UInt8] {
            let version = gateway.settings.version
            return JSONRPCWriter.result(
                id: id,
                // A resource may change, or be denied, at any time, so the response is not cacheable, like that of a
                // list.
                method == .readResource
                    ? GatewayIdentity.list(result, in: caller.version, serverVersion: version)
                    : GatewayIdentity.complete(result, in: caller.version, serverVersion: version))
        }
        func error(_ error: JSONRPCError) -> [UInt8] { refuse(id, error, caller, &wire) }
        let decisionID = call.decisionID
        func refused(_ refusal: Refusal) -> [UInt8] {
            let answer = RefusalResponse(refusal, decisionID: decisionID)
            return method.hasErrorResults ? result(answer.toolResult) : error(answer.error)
        }
        wire.challenge = challenge(end, caller)
        switch end {
        case .closed(let closed):
            switch closed.shown {
            case .result(let shown): return result(shown)
            case .refusal(let refusal): return refused(refusal)
            case .error(let told): return error(told)
            }
        case .stopped(.refused(let refusal)): return refused(refusal)
        case .stopped(.insufficientScope): return refused(.insufficientScope)
        case .stopped(let exit): return error(exit.error(in: caller.version, decisionID))
        }
    }

    /// Returns the 403 of RFC 6750, section 3.1, for a call whose response can still choose its status: neither in a
    /// batch nor on a stream that has begun.
    func challenge(_ end: CallEnd, _ caller: Caller) -> HTTPResponse? {
        guard case .stopped(.insufficientScope(let needed)) = end, caller.mayStream,
            !caller.isStreaming
        else { return nil }
        return .plain(
            403, "the token has no scope for this call; it needs: \(needed)",
            (
                "www-authenticate",
                "Bearer realm=\"interlock\", error=\"insufficient_scope\", scope=\"\(needed)\", "
                    + "resource_metadata=\"\(gateway.settings.resource.metadataURL)\""
            ))
    }

    /// Refuses a request that was not parsed: with an HTTP response or, for a halted caller, JSON-RPC error 4230 under
    /// status 200, because SDK clients answer 401 and 403 by signing in again. Its body is scanned for the request id
    /// but not parsed.
    func refuse(_ stop: PipelineExit, _ body: [UInt8], _ caller: Caller) {
        if case .http(let response) = stop { return caller.exchange.respond(response) }
        let error = stop.error(in: caller.version, nil)
        caller.deliver(JSONRPCWriter.error(id: RequestID(scanning: body), error))
    }
}

extension PipelineExit {
    /// The JSON-RPC error, where a tool result is not possible.
    fileprivate func error(in version: ProtocolVersion, _ decisionID: String?) -> JSONRPCError {
        switch self {
        case .unknown(let method, let name): .unknown(name, method, in: version)
        case .invalid(let fault): .invalid(fault.text)
        case .insufficientScope:
            RefusalResponse(.insufficientScope, decisionID: decisionID).error
        case .refused(let refusal), .refusedCaller(let refusal):
            RefusalResponse(refusal, decisionID: decisionID).error
        case .http:
            // No stage of a parsed call stops in this way; if one did, the result would still be a refusal.
            JSONRPCError(code: JSONRPCError.internalError, message: "the call was refused")
        }
    }
}

extension Refusal {
    static let insufficientScope = Refusal(
        .denied, "access", "insufficient-scope", "the token has no scope for this call",
        outcome: .notExecuted)
}
