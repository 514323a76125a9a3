import InterlockJSON
import InterlockMCP
import InterlockModel

extension CallPipeline {
    /// The end of a call as a message. On disk: nothing new.
    func respond(_ end: CallEnd, to parsed: ParsedCall) -> [UInt8] {
        let decisionID = parsed.call.id.decisionID
        switch end {
        case .closed(let closed):
            switch closed.shown {
            case .result(let result):
                return JSONRPCAnswer.result(id: parsed.requestID, result)
            case .refusal(let refusal):
                return refused(refusal, parsed.requestID, decisionID)
            }
        case .stopped(.unknownTool(let name)):
            return JSONRPCAnswer.error(id: parsed.requestID, .unknownTool(name))
        case .stopped(.refused(let refusal)):
            return refused(refusal, parsed.requestID, decisionID)
        case .stopped(.refusedCaller(let refusal)):
            return JSONRPCAnswer.error(
                id: parsed.requestID, RefusalAnswer(refusal, decisionID: decisionID).error)
        case .stopped(.http):
            // No stage of a parsed call stops so; were there one, it would still be a refusal.
            return JSONRPCAnswer.error(
                id: parsed.requestID,
                JSONRPCError(code: JSONRPCError.internalError, message: "the call was refused"))
        }
    }

    /// A request that never became a message: an answer in HTTP, or for a halted caller JSON-RPC error
    /// 4230 under status 200, because SDK clients answer 401 and 403 by signing in again.
    func refuse(_ stop: Stop, _ body: [UInt8], _ caller: Caller) {
        switch stop {
        case .http(let response): caller.exchange.respond(response)
        case .refused(let refusal), .refusedCaller(let refusal):
            caller.deliver(
                JSONRPCAnswer.error(
                    id: requestID(in: body), RefusalAnswer(refusal, decisionID: nil).error))
        case .unknownTool(let name):
            caller.deliver(JSONRPCAnswer.error(id: requestID(in: body), .unknownTool(name)))
        }
    }

    private func refused(_ refusal: Refusal, _ id: RequestID, _ decisionID: String) -> [UInt8] {
        JSONRPCAnswer.result(id: id, RefusalAnswer(refusal, decisionID: decisionID).toolResult)
    }

    /// The body of a halted caller is read for its id alone.
    private func requestID(in body: [UInt8]) -> RequestID? {
        let limits = JSONLimits(
            depth: gateway.settings.jsonDepthLimit, bytes: gateway.settings.bodyLimitBytes)
        return (try? JSONValue(parsing: body, limits: limits))?["id"].flatMap(RequestID.init)
    }
}
