package import InterlockModel
package import InterlockPorts

/// Calls other nodes over HTTPS on pooled connections (TLS 1.3, both sides with a certificate). Follows no redirects,
/// uses no proxy, and limits the response's size.
package struct PinnedHTTP: PinnedCaller {
    private let clients: HTTPClients
    private let tls: TLSClientContext
    private let clock: any Clock

    /// - Parameters:
    ///   - certificates: the node's certificate and its intermediates, in PEM.
    ///   - key: its private key, in PEM.
    ///   - loops: best a group of one, since each loop has connections of its own to each server.
    package init(
        certificates: [UInt8], key: [UInt8], clock: any Clock, loops: LoopGroup
    ) throws(TLSFailure) {
        tls = try TLSClientContext(certificates: certificates, key: key)
        self.clock = clock
        clients = HTTPClients(loops: loops)
    }

    package func post(
        _ body: [UInt8], to server: PinnedServer, path: String, limitBytes: Int,
        within limit: Duration
    ) async -> PinnedResponse {
        var made = ClientRequest(
            url: "https://\(server.authority)\(path)",
            headers: [("content-type", "application/json")], body: body, idleLimit: limit,
            hardLimit: limit, responseLimitBytes: limitBytes)
        made.pinned = PinnedConnection(server: server, tls: tls, clock: clock)
        let request = made
        switch await clients.onLoop({ await $0.send(request) }) {
        case .success(let response):
            return .answer(status: response.head.status, body: response.body)
        case .failure(let failure): return .failed(failure.reason)
        }
    }
}

extension ServerLimits {
    /// The limits of a listener for other nodes, on one loop. Their messages are small and come each second, and those
    /// who have proven to be members keep their places when others fill the listener.
    package static var nodes: ServerLimits {
        var limits = ServerLimits()
        limits.sharesPlaces = true
        limits.handshake = .seconds(5)
        limits.head = .seconds(2)
        limits.bodyProgress = .seconds(2)
        limits.body = .seconds(5)
        limits.bodyBytes = 64 << 20
        limits.bodyBytesOfSource = 4 << 20
        limits.idle = .seconds(30)
        limits.writeProgress = .seconds(5)
        return limits
    }
}
