import Glibc
package import InterlockEgress
package import InterlockModel
package import InterlockPorts

/// Everything that a run's proxy is given.
package struct EgressProxyParts: Sendable {
    package let run: RunID
    package let authorizer: any EgressAuthorizer
    package let resolver: any EgressResolver
    package var limits = EgressLimits()
    /// True to read each request of plain HTTP whole, and to hand it to the authorizer before it connects.
    package var readsRequests = true
    /// Required of each connection if other processes reach the listeners too; nil if they are the run's alone. Then a
    /// connection without it is no connection of the run: it is answered and not recorded.
    package var password: ProxyPassword?
    /// Serves the proxy's own routes (`/mcp`, `/hook/v1/event`, `/model/…`); nil answers them with 404. Requests carry
    /// `Listener.agents`, and come only from the run.
    package var routes: (any RequestHandler)?
    /// The address that is dialled for a checked address. Only tests replace it.
    package var dialled: @Sendable (_ address: IPAddress, _ port: UInt16) -> (IPAddress, UInt16) = {
        ($0, $1)
    }

    package init(
        run: RunID, authorizer: any EgressAuthorizer, resolver: any EgressResolver
    ) {
        self.run = run
        self.authorizer = authorizer
        self.resolver = resolver
    }
}

/// The proxy through which one run reaches the network: HTTP on one listening socket, SOCKS5 on the other. Both were
/// made inside the run's network namespace, so each connection is the run's; on the host's loopback a password proves it.
///
/// Everything happens on one loop. May be used from any thread.
package final class EgressProxy: @unchecked Sendable {
    let parts: EgressProxyParts
    let loop: EventLoop
    let budget = EgressBudget()
    private let registry: ConnectionRegistry

    // Used only on the loop.
    private var acceptors: [EgressAcceptor] = []
    private var sessions: [UInt64: EgressSession] = [:]
    private var waiting: [(descriptor: Int32, listener: EgressListener)] = []
    private var lastNumber: UInt64 = 0
    private var isStopped = false
    /// The callers that wait until no session is left.
    private var idlers: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - http: a listening TCP socket, for HTTP.
    ///   - socks: a listening TCP socket, for SOCKS5. Both are closed by `stop`.
    package init(http: Int32, socks: Int32, _ parts: EgressProxyParts, loops: LoopGroup) {
        self.parts = parts
        loop = loops.next()
        var limits = ServerLimits()
        limits.connections = parts.limits.connections
        registry = ConnectionRegistry(limits: limits)
        loop.perform { self.listen(http: http, socks: socks) }
    }

    private func listen(http: Int32, socks: Int32) {
        for (descriptor, listener) in [(http, EgressListener.http), (socks, .socks)] {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
            let acceptor = EgressAcceptor(descriptor, listener, self)
            acceptors.append(acceptor)
            acceptor.start()
        }
    }

    /// Stops accepting and closes all connections. Nothing is sent to any server after the return; outcomes may still
    /// be on their way to the authorizer.
    package func stop() async {
        await withCheckedContinuation { continuation in
            loop.perform {
                self.stopNow()
                continuation.resume()
            }
        }
    }

    /// Does the same as `stop` without waiting; calls `then` on the proxy's loop when it is done.
    package func stop(_ then: @escaping @Sendable () -> Void) {
        loop.perform {
            self.stopNow()
            then()
        }
    }

    /// Closes all connections; further ones are accepted.
    package func cutConnections() {
        loop.perform {
            for session in self.sessions.values { session.stop() }
            self.registry.cutAll(on: self.loop)
        }
    }

    private func stopNow() {
        guard !isStopped else { return }
        isStopped = true
        for acceptor in acceptors { acceptor.close() }
        acceptors = []
        for one in waiting { SocketCalls.close(one.descriptor) }
        waiting = []
        for session in sessions.values { session.stop() }
        registry.beginDrain()
        registry.cutAll(on: loop)
    }

    /// Returns once no connection is left and the authorizer has all outcomes.
    package func waitUntilIdle() async {
        await withCheckedContinuation { continuation in
            loop.perform {
                if self.sessions.isEmpty { return continuation.resume() }
                self.idlers.append(continuation)
            }
        }
    }

    // MARK: connections

    /// Takes over an accepted connection.
    func admit(_ descriptor: Int32, _ listener: EgressListener) {
        guard !isStopped else { return SocketCalls.close(descriptor) }
        SocketCalls.setNoDelay(descriptor)
        if sessions.count < parts.limits.connections {
            begin(descriptor, listener)
        } else if waiting.count < parts.limits.waiting {
            waiting.append((descriptor, listener))
        } else {
            SocketCalls.sendOnce(descriptor, listener.refusal(.limit))
            SocketCalls.close(descriptor)
            let refusal = EgressRefusal(.limit, "too many connections of the run")
            Task(executorPreference: loop) { [parts] in
                await parts.authorizer.refused(nil, refusal)
            }
        }
    }

    private func begin(_ descriptor: Int32, _ listener: EgressListener) {
        guard let socket = EgressSocket.open(descriptor, on: loop) else { return }
        lastNumber += 1
        let session = EgressSession(lastNumber, socket, listener, self)
        sessions[lastNumber] = session
        Task(executorPreference: loop) {
            await session.run()
            self.loop.perform { self.forget(session) }
        }
    }

    private func forget(_ session: EgressSession) {
        sessions[session.number] = nil
        while sessions.count < parts.limits.connections, !waiting.isEmpty {
            let next = waiting.removeFirst()
            begin(next.descriptor, next.listener)
        }
        guard sessions.isEmpty else { return }
        let idlers = idlers
        self.idlers = []
        for idler in idlers { idler.resume() }
    }

    /// Lets the handler of the proxy's own routes serve a connection from the bytes of its first request on.
    ///
    /// - Returns: false if there is no handler or no room; the caller then keeps the socket.
    func serveOwn(_ socket: EgressSocket, received: [UInt8]) -> Bool {
        guard let handler = parts.routes, !isStopped, registry.enter() else { return false }
        Connection(
            ByteStream(socket.release()), listener: .agents, source: .unknown, handler: handler,
            loop: loop, registry: registry
        ).start(received: received)
        return true
    }
}

/// The two listeners of a proxy.
enum EgressListener: Sendable {
    case http, socks

    /// The bytes that refuse a connection before it was served.
    func refusal(_ reason: EgressReason) -> [UInt8] {
        switch self {
        case .http: reason.httpResponse
        case .socks: SOCKSReader.noMethod
        }
    }
}

/// Accepts connections of one listener.
final class EgressAcceptor: EventSource, @unchecked Sendable {
    private static let acceptsPerEvent = 64
    private static let pauseWithoutDescriptors = Duration.milliseconds(100)

    private let socket: ListeningSocket
    private let listener: EgressListener
    private weak var proxy: EgressProxy?
    private var isOpen = false

    init(_ descriptor: Int32, _ listener: EgressListener, _ proxy: EgressProxy) {
        socket = ListeningSocket(adopting: descriptor)
        self.listener = listener
        self.proxy = proxy
        super.init(descriptor: descriptor)
    }

    func start() { isOpen = proxy?.loop.add(self, events: EventBits.readable) ?? false }

    func close() {
        if isOpen { proxy?.loop.remove(self) }
        isOpen = false
        socket.close()
    }

    override func ready(_ events: UInt32) {
        for _ in 0..<Self.acceptsPerEvent {
            guard isOpen, let proxy else { return }
            switch socket.accept() {
            case .connection(let descriptor): proxy.admit(descriptor, listener)
            case .none: return
            case .noDescriptors: return pause()
            }
        }
    }

    /// Connections wait in the backlog, and the loop does not spin.
    private func pause() {
        guard let loop = proxy?.loop else { return }
        loop.change(self, events: 0)
        _ = loop.schedule(after: Self.pauseWithoutDescriptors) { [weak self] in
            guard let self, self.isOpen else { return }
            loop.change(self, events: EventBits.readable)
        }
    }
}
