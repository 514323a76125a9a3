import Synchronization

/// Connections to the gateway on this machine that are kept between requests, for programs that block on several threads.
/// A connection serves one request at a time; a further thread opens one of its own.
///
/// A request is sent again, over a new connection, only if a kept connection took no byte of it. After that it may have
/// had its effect, so a failure is reported.
package final class LocalConnectionPool: Sendable {
    private struct Idle {
        let socket: LocalSocket
        let since: ContinuousClock.Instant
    }

    /// The maximum number of connections that are kept while no request uses them. The places of the gateway's local
    /// listener are few, and all its clients share them.
    private static let most = 2
    /// The time for which an unused connection is kept; shorter than `ServerLimits.idleWhenShort`, so that the gateway
    /// does not close it while a request is being sent.
    private static let age = Duration.seconds(4)

    private let client: LocalClient
    /// The idle connections in the order of their last use.
    private let idle = Mutex<[Idle]>([])

    /// - Parameter patience: as for `LocalClient`.
    package init(_ address: LocalClient.Address, patience: Duration) {
        client = LocalClient(address, patience: patience)
    }

    /// Returns the complete response.
    package func send(
        _ method: String, _ path: String, headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) throws(LocalFailure) -> (head: ResponseHead, body: [UInt8]) {
        let request = client.request(method, path, headers, body)
        if let kept = take(), try kept.send(request) > 0 { return try response(on: kept) }
        let socket = try client.connect()
        try socket.send(request)
        return try response(on: socket)
    }

    private func response(
        on socket: LocalSocket
    ) throws(LocalFailure) -> (head: ResponseHead, body: [UInt8]) {
        let stream = try LocalStream(socket)
        let body = try stream.rest()
        if stream.isReusable { put(socket) }
        return (stream.head, body)
    }

    /// Removes and returns the connection that was used last. One that the gateway has closed, or on which it sent
    /// something unasked, is dropped.
    private func take() -> LocalSocket? {
        while let last = idle.withLock({ $0.popLast() }) {
            if ContinuousClock.now - last.since < Self.age, last.socket.isSilent {
                return last.socket
            }
        }
        return nil
    }

    private func put(_ socket: LocalSocket) {
        let now = ContinuousClock.now
        idle.withLock { idle in
            idle.removeAll { now - $0.since >= Self.age }
            if idle.count < Self.most { idle.append(Idle(socket: socket, since: now)) }
        }
    }
}
