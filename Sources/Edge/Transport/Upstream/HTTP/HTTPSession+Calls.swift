import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

extension HTTPSession {
    /// One round of a call.
    ///
    /// - Parameters:
    ///   - capabilities: what may be asked in its course, in the modern era.
    ///   - retry: what the server wanted to know before it goes on.
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
    /// What a refusal says of the call.
    init(_ status: Int, _ error: JSONRPCError?, isModern: Bool) {
        if let error, status == 200 || status == 400 || status == 404 && isModern {
            let unmet = isModern ? UpstreamResponse(unmet: error) : nil
            self = unmet ?? .rpcError(code: error.code, message: error.message)
            return
        }
        // These say that the request was turned away; anything else leaves it open.
        let turnedAway = [400, 401, 403, 404, 405, 406, 413, 415, 421, 429, 431]
        self = .failed(
            turnedAway.contains(status) ? .notExecuted : .unknown,
            reason: "the upstream answered with status \(status)")
    }
}
