import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

extension CallPipeline {
    /// Parses one message of the modern era, which has no sessions and no batches: a request is self-contained, a
    /// notification is dropped, and a response is refused because none is expected.
    func parseModern(
        _ value: JSONValue, _ admitted: AdmittedRequest, _ caller: Caller
    ) throws(HTTPRefusal) -> ParsedBody {
        caller.version = .modern
        let message: JSONRPCMessage
        do throws(InvalidMessage) { message = try JSONRPCMessage(value) } catch {
            throw HTTPRefusal(status: 400, error: error.error)
        }
        let headers = RoutingHeaders(admitted.received.head.headers)
        switch message {
        case .result, .error: throw HTTPRefusal.unmatchedResponse
        case .notification(let method, let params):
            do throws(JSONRPCError) {
                let named = headers.version ?? params["_meta"]?[Era.versionKey]?.string
                try ModernRequest.check(version: named ?? "")
            } catch { throw HTTPRefusal(status: 400, error: error) }
            return parsed([.notification(.other(method: method))], isBatch: false, admitted)
        case .request(let request):
            return parsed(
                [parseModern(request, headers, admitted, caller)], isBatch: false, admitted)
        }
    }

    private func parseModern(
        _ request: JSONRPCRequest, _ headers: RoutingHeaders, _ admitted: AdmittedRequest,
        _ caller: Caller
    ) -> ParsedMessage {
        do throws(JSONRPCError) {
            let modern = try ModernRequest(request, headers: headers) {
                parameterHeaders(of: $0, admitted)
            }
            guard case .call(let wanted) = modern.asked else {
                return .request(request.id, modern.asked)
            }
            caller.capabilities = modern.envelope.capabilities
            caller.logLevel = modern.envelope.logLevel
            if let retry = wanted.retry {
                let call = makeCall(
                    wanted, lookUp(wanted, admitted), gateway.newID(), admitted, caller,
                    CancelToken(), nil)
                return .retry(
                    ParsedRetry(
                        call: call, requestID: request.id, state: retry.state,
                        responses: retry.responses))
            }
            return .call(try call(wanted, request.id, nil, admitted, caller))
        } catch { return .invalid(request.id, error) }
    }

    /// Returns the headers that a tool declares. A tool that the caller may not see declares none, so that the answer
    /// equals that for an unknown tool.
    private func parameterHeaders(of name: String, _ admitted: AdmittedRequest) -> [HeaderParameter]
    {
        let policy = gateway.policy.snapshot(for: admitted.principal.agent)
        guard let address = policy.toolAddress(of: name, at: admitted.received.server),
            let pin = gateway.pins.pinned(tool: address, under: policy),
            !pin.definition.headers.isEmpty,
            gateway.isVisible(address, to: admitted.principal.agent, under: policy)
        else { return [] }
        return pin.definition.headers
    }
}
