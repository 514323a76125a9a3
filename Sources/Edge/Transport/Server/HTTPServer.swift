package import InterlockPorts
import Synchronization

/// The reason a listener could not be opened: one sentence for the operator.
package struct ListenFailure: Error, Equatable, Sendable {
    package enum Code: Sendable {
        case address, notLoopback, inUse, path, system
        /// The address is not one of this machine.
        case absent
    }
    package let code: Code
    package let reason: String
    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
    package static func == (a: ListenFailure, b: ListenFailure) -> Bool { a.code == b.code }
}

/// The address that a server listens on.
package enum Endpoint: Sendable {
    /// A loopback address (`127.0.0.1`, `::1`, `localhost`), or with TLS any address of this machine; port 0 selects a
    /// free one.
    case tcp(host: String, port: UInt16)
    /// A unix socket. A socket without a listening process is replaced; any other file is kept.
    case unix(path: String, mode: UInt32 = 0o600)
}

/// One or more listening sockets and their connections, distributed over the loops in turn.
///
/// INVARIANT: no other process has the console's port on a loopback address while the gateway runs. Kept by
/// `HTTPServerTests`, `test_bad_setup.py`, `test_network_walls.py`.
package final class HTTPServer: Sendable {
    /// The bound port; 0 for a unix socket.
    package let port: UInt16
    private let acceptors: [Acceptor]
    private let loops: LoopGroup
    private let registry: ConnectionRegistry

    /// - Parameter sockets: the sockets of one port; must not be empty.
    private init(
        _ sockets: [ListeningSocket], _ tls: TLSIdentity?, _ listener: Listener,
        _ handler: any RequestHandler, _ loops: LoopGroup, _ limits: ServerLimits
    ) {
        let registry = ConnectionRegistry(limits: limits)
        let acceptors = sockets.map {
            Acceptor(
                socket: $0, tls: tls, listener: listener, handler: handler, loops: loops,
                registry: registry)
        }
        port = sockets[0].port
        self.acceptors = acceptors
        self.loops = loops
        self.registry = registry
        let loop = loops.loops[0]
        for acceptor in acceptors { loop.perform { acceptor.start(on: loop) } }
    }

    /// Starts serving. Requests over a unix socket carry `Listener.local` with the peer's uid and pid instead of
    /// `listener`.
    ///
    /// - Parameter tls: nil for plain HTTP, which is only for loopback and unix sockets.
    package static func listen(
        _ endpoint: Endpoint, tls: TLSIdentity? = nil, as listener: Listener,
        handler: any RequestHandler, loops: LoopGroup, limits: ServerLimits = ServerLimits()
    ) throws(ListenFailure) -> HTTPServer {
        HTTPServer(
            [try ListeningSocket.open(endpoint, anyAddress: tls != nil)], tls, listener, handler,
            loops, limits)
    }

    /// Starts serving on `127.0.0.1` and, if this machine has it, on `::1`, with the same port: a browser that is sent
    /// to `localhost` may try either first, so no other process may own one of them.
    ///
    /// - Parameter port: 0 selects a port that is free on both.
    /// - Throws: `inUse` if another process has the port on one of them.
    package static func listenOnLoopback(
        port: UInt16, tls: TLSIdentity? = nil, as listener: Listener,
        handler: any RequestHandler, loops: LoopGroup, limits: ServerLimits = ServerLimits()
    ) throws(ListenFailure) -> HTTPServer {
        HTTPServer(try ListeningSocket.openLoopback(port), tls, listener, handler, loops, limits)
    }

    /// The number of open connections.
    package var connectionCount: Int { registry.count }

    /// Stops accepting, closes idle connections, lets requests in flight finish for `limit`, then cuts them. Returns
    /// once no connection is left.
    package func drain(within limit: Duration) async {
        registry.beginDrain()
        for acceptor in acceptors { await acceptor.stop() }
        let loops = loops.loops
        let registry = registry
        for loop in loops { loop.post { registry.closeIdle(on: loop) } }
        loops[0].post {
            _ = loops[0].schedule(after: limit) {
                for loop in loops { loop.perform { registry.cutAll(on: loop) } }
            }
        }
        await registry.waitUntilEmpty()
    }
}

/// Accepts connections on the first loop, and passes each to the next loop.
final class Acceptor: EventSource, @unchecked Sendable {
    private static let acceptsPerEvent = 64
    private static let pauseWithoutDescriptors = Duration.milliseconds(100)
    private static let pauseBetweenSweepsNanoseconds: UInt64 = 1_000_000_000

    private let socket: ListeningSocket
    private let tls: TLSIdentity?
    private let listener: Listener
    private let handler: any RequestHandler
    private let loops: LoopGroup
    private let registry: ConnectionRegistry
    /// Is nil if places are not shared.
    private let owners: SocketOwners?
    private var loop: EventLoop?
    private var nextSweep: UInt64 = 0

    init(
        socket: ListeningSocket, tls: TLSIdentity?, listener: Listener,
        handler: any RequestHandler, loops: LoopGroup, registry: ConnectionRegistry
    ) {
        self.socket = socket
        self.tls = tls
        self.listener = listener
        self.handler = handler
        self.loops = loops
        self.registry = registry
        owners = registry.limits.sharesPlaces ? SocketOwners() : nil
        super.init(descriptor: socket.descriptor)
    }

    func start(on loop: EventLoop) {
        self.loop = loop
        _ = loop.add(self, events: EventBits.readable)
    }

    /// Returns once the socket is closed.
    func stop() async {
        await withCheckedContinuation { continuation in
            loops.loops[0].perform {
                self.close()
                continuation.resume()
            }
        }
    }

    private func close() {
        guard let loop else { return }
        loop.remove(self)
        socket.close()
        self.loop = nil
    }

    override func ready(_ events: UInt32) {
        for _ in 0..<Self.acceptsPerEvent {
            switch socket.accept() {
            case .connection(let descriptor): welcome(descriptor)
            case .none: return
            case .noDescriptors: return pause()
            }
        }
    }

    /// Connections that are only held open must not keep others out.
    private func makeRoom() {
        guard registry.isShort, let now = loop?.nowNanoseconds, now >= nextSweep else { return }
        nextSweep = now + Self.pauseBetweenSweepsNanoseconds
        let registry = registry
        for target in loops.loops {
            target.post { registry.makeRoom(on: target, after: registry.limits.idleWhenShort) }
        }
    }

    private func hasPlace() -> Bool {
        guard registry.limits.sharesPlaces, let loop else { return registry.enter() }
        return registry.makePlace(on: loop) && registry.enter()
    }

    private func welcome(_ descriptor: Int32) {
        makeRoom()
        guard hasPlace() else {
            // A 503 could not be read before a TLS handshake.
            if tls == nil { SocketCalls.sendOnce(descriptor, Self.busy) }
            SocketCalls.close(descriptor)
            return
        }
        guard tls == nil || registry.enterHandshake() else {
            registry.leave()
            return SocketCalls.close(descriptor)
        }
        let listener = socket.isUnix ? SocketCalls.peer(of: descriptor) : listener
        guard let listener else {
            registry.leave()
            return SocketCalls.close(descriptor)
        }
        if !socket.isUnix { SocketCalls.setNoDelay(descriptor) }
        let source = SocketCalls.source(of: descriptor, listener)
        let peer = SocketCalls.ends(of: descriptor)
        let owner = owners?.source(of: descriptor)
        let target = loops.next()
        let context = tls?.context
        target.perform { [handler, registry] in
            let stream = context?.accept(descriptor)
            guard context == nil || stream != nil else {
                registry.leaveHandshake()
                registry.leave()
                return SocketCalls.close(descriptor)
            }
            Connection(
                ByteStream(descriptor, tls: stream), listener: listener, source: source,
                peer: peer, owner: owner, handler: handler, loop: target, registry: registry
            ).start()
        }
    }

    /// Stops accepting for a while if there are no descriptors left: connections wait in the backlog, and the loop does
    /// not spin.
    private func pause() {
        guard let loop else { return }
        loop.change(self, events: 0)
        _ = loop.schedule(after: Self.pauseWithoutDescriptors) { [weak self] in
            guard let self, let loop = self.loop else { return }
            loop.change(self, events: EventBits.readable)
        }
    }

    private static let busy = Array(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
            .utf8)
}
