import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

extension HTTPSession {
    /// Creates the request of one round of a call.
    ///
    /// - Parameters:
    ///   - capabilities: the input that the server may request during the call, in the modern era.
    ///   - retry: the input that the server requested before, or nil in the first round.
    func request(
        _ call: UpstreamCall, id: Int64, in opened: Opened, declaring capabilities: JSONObject,
        retry: InputRetry?, _ credential: UpstreamCredential?
    ) -> ClientRequest {
        let wantsProgress = call.notices?.wantsProgress == true
        guard opened.version.isModern else {
            let body = UpstreamMessages.call(call.request, id: id, wantsProgress: wantsProgress)
            return request(body, in: opened, credential)
        }
        let envelope = shared.envelope(
            opened.version, declaring: capabilities, logLevel: call.notices?.logLevel)
        let body = UpstreamMessages.call(
            call.request, id: id, wantsProgress: wantsProgress, envelope, retry: retry)
        let parameters = shared.headers(of: call.address.tool)
        return request(
            body, in: opened,
            headers: envelope.headers(
                of: call.request.method.rawValue, name: call.request.routingName,
                parameters: parameters,
                arguments: parameters.isEmpty ? [:] : call.request.arguments), credential)
    }
}

extension UpstreamResponse {
    /// Interprets a refusal of a call.
    init(_ status: Int, _ error: JSONRPCError?, isModern: Bool) {
        if let error, status == 200 || status == 400 || status == 404 && isModern {
            let unmet = isModern ? UpstreamResponse(unmet: error) : nil
            self = unmet ?? .rpcError(code: error.code, message: error.message)
            return
        }
        // These statuses mean that the request was rejected; any other leaves the outcome open.
        let turnedAway = [400, 401, 403, 404, 405, 406, 413, 415, 421, 429, 431]
        self = .failed(
            turnedAway.contains(status) ? .notExecuted : .unknown,
            reason: "the upstream answered with status \(status)")
    }
}
