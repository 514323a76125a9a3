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

    package func stream(
        _ body: [UInt8], to server: PinnedServer, path: String, idle: Duration,
        control: StreamControl, _ sink: any ResponseSink
    ) async -> StreamEnd {
        var made = ClientRequest(
            url: "https://\(server.authority)\(path)",
            headers: [("content-type", "application/octet-stream")], body: body, idleLimit: idle,
            hardLimit: Self.longest, responseLimitBytes: .max)
        made.pinned = PinnedConnection(server: server, tls: tls, clock: clock)
        made.keepsFields = true
        let request = made
        return await clients.onLoop { client in
            await withCheckedContinuation { continuation in
                let transfer = client.start(
                    request,
                    HTTPTransfer.Events(
                        head: { head in
                            sink.begin(
                                status: head.status,
                                headers: head.fields.map { ($0.name, $0.value) })
                        },
                        bytes: { sink.receive($0) },
                        end: { continuation.resume(returning: StreamEnd($0)) }))
                let loop = client.loop
                control.onCancel {
                    // Later: the caller may hold a lock that the sink needs.
                    loop.post { if transfer.isOpen { client.cancel(transfer) } }
                }
            }
        }
    }

    /// The longest time of one stream: as a session lives.
    private static let longest = Duration.seconds(30 * 86_400)
}

extension StreamEnd {
    fileprivate init(_ failure: ClientFailure?) {
        self =
            failure.map { .failed(wasSent: $0.wasSent, $0.reason) } ?? .complete
    }
}

extension ServerLimits {
    /// The limits of a listener for other nodes, on one loop. Their own messages are small and come each second, and those
    /// who have proven to be members keep their places when others fill the listener.
    package static var nodes: ServerLimits {
        var limits = ServerLimits()
        limits.sharesPlaces = true
        limits.handshake = .seconds(5)
        limits.head = .seconds(2)
        limits.bodyProgress = .seconds(2)
        limits.body = .seconds(10)
        // Bodies of agents' requests, which only members may send.
        limits.bodyBytes = 256 << 20
        limits.bodyBytesOfSource = 64 << 20
        limits.idle = .seconds(30)
        limits.writeProgress = .seconds(5)
        return limits
    }
}
