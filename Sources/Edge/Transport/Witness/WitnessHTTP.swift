package import InterlockPorts

/// Calls witnesses over HTTP or HTTPS on pooled connections. Follows no redirects, uses no proxy and no credentials,
/// and limits the response's size.
package struct WitnessHTTP: WitnessCaller {
    private let clients: HTTPClients

    /// The line of a cosignature has about 150 bytes.
    private static let answerLimitBytes = 64 << 10

    package init(loops: LoopGroup) { clients = HTTPClients(loops: loops) }

    package func post(
        _ body: [UInt8], to prefix: String, within limit: Duration
    ) async -> WitnessResponse {
        let slash = prefix.hasSuffix("/") ? "" : "/"
        let request = ClientRequest(
            url: "\(prefix)\(slash)add-checkpoint",
            headers: [("content-type", "text/plain; charset=utf-8")], body: body, idleLimit: limit,
            hardLimit: limit, responseLimitBytes: Self.answerLimitBytes)
        switch await clients.onLoop({ await $0.send(request) }) {
        case .success(let response):
            return .answer(
                status: response.head.status, contentType: response.head.contentType ?? "",
                body: response.body)
        case .failure(let failure): return .failed(failure.reason)
        }
    }
}
