/// An HTTP/1.1 client driven by one loop: pooled connections, no thread, no blocking. There is one per loop, and it is
/// used only on that loop.
package final class HTTPClient: @unchecked Sendable {
    package let loop: EventLoop
    private let pool: ConnectionPool

    package init(loop: EventLoop) {
        self.loop = loop
        pool = ConnectionPool(loop: loop)
    }

    /// Returns the complete response.
    package func send(_ request: ClientRequest) async -> Result<ClientResponse, ClientFailure> {
        await withCheckedContinuation { continuation in
            let answer = CollectedResponse()
            _ = start(
                request,
                HTTPTransfer.Events(
                    head: { answer.head = $0 }, bytes: { answer.body += $0 },
                    end: { failure in continuation.resume(returning: answer.result(failure)) }))
        }
    }

    /// Starts a transfer. Its events come later, never from inside this call.
    func start(_ request: ClientRequest, _ events: HTTPTransfer.Events) -> HTTPTransfer {
        let transfer = HTTPTransfer(
            request: request, events: events, nowNanoseconds: loop.nowNanoseconds)
        guard var route = pool.route(of: request.url) else {
            return refuse(transfer, "its URL is malformed")
        }
        if request.pinned != nil, !route.origin.isSecure {
            return refuse(transfer, "a node is reached over TLS alone")
        }
        if request.owner != nil, route.origin.isSecure || !route.origin.hasKnownAddresses {
            return refuse(transfer, "the user of its process is known at a loopback address alone")
        }
        route.origin.owner = request.owner
        route.origin.isPublicOnly = request.isPublicOnly
        route.origin.allowsPrivateNames = request.allowsPrivateNames
        route.origin.authorities = request.authorities
        route.origin.pinned = request.pinned
        route.origin.isSingle = request.addresses != nil
        pool.start(transfer, route)
        return transfer
    }

    /// Ends a transfer and its connection. Its `end` is called with `cancelled` before this returns.
    func cancel(_ transfer: HTTPTransfer) {
        let failure = ClientFailure(
            .cancelled, wasSent: transfer.wasSent, "the request was cancelled")
        transfer.connection?.drop()
        transfer.finish(failure)
    }

    private func refuse(_ transfer: HTTPTransfer, _ reason: String) -> HTTPTransfer {
        loop.post { transfer.finish(ClientFailure(.broken, wasSent: false, reason)) }
        return transfer
    }
}

private final class CollectedResponse {
    var head = ClientHead(status: 0)
    var body: [UInt8] = []

    func result(_ failure: ClientFailure?) -> Result<ClientResponse, ClientFailure> {
        if let failure { return .failure(failure) }
        return .success(ClientResponse(head: head, body: body))
    }
}
