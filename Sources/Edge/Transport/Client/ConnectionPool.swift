import InterlockJSON
import InterlockModel

/// The connections of one client on its loop, reused for the same origin and opened on demand.
final class ConnectionPool: @unchecked Sendable {
    let loop: EventLoop
    /// Routes by URL; nil for an invalid URL.
    private var routes: [ExactText: HTTPRoute?] = [:]
    /// Idle connections, the most recently used last.
    private var idle: [HTTPOrigin: [ClientConnection]] = [:]
    private var idleCount = 0
    private var contexts: [TLSAuthorities?: TLSClientContext] = [:]

    private static let rememberedRoutes = 1024
    private static let pooledConnections = 256
    private static let lookUpLimit = Duration.seconds(5)

    init(loop: EventLoop) { self.loop = loop }

    deinit {
        let connections = idle.values.flatMap { $0 }
        guard !connections.isEmpty else { return }
        loop.post { for connection in connections { connection.drop() } }
    }

    func route(of url: String) -> HTTPRoute? {
        if let known = routes[url] { return known }
        if routes.count >= Self.rememberedRoutes { routes = [:] }
        let route = HTTPRoute(url: url)
        routes[url] = .some(route)
        return route
    }

    /// Returns nil if libssl cannot create a context.
    func context(of origin: HTTPOrigin) -> TLSClientContext? {
        if let known = contexts[origin.authorities] { return known }
        let context = TLSClientContext(origin.authorities)
        contexts[origin.authorities] = context
        return context
    }

    func start(_ transfer: HTTPTransfer, _ route: HTTPRoute) {
        var bytes = LoopScratch.takeOutput(from: loop)
        Self.write(transfer.request, route, to: &bytes)
        if let addresses = transfer.request.addresses {
            return begin(transfer, bytes, at: route.origin, addresses[...])
        }
        while let connection = take(route.origin) {
            if connection.carry(transfer, bytes) {
                return LoopScratch.giveBackOutput(&bytes, to: loop)
            }
        }
        switch route.origin.host {
        case .addresses(let addresses): connect(transfer, bytes, to: route.origin, at: addresses)
        case .name: lookUp(transfer, bytes, route.origin)
        }
    }

    private func lookUp(_ transfer: HTTPTransfer, _ bytes: [UInt8], _ origin: HTTPOrigin) {
        let now = loop.nowNanoseconds
        let own = now.addingClamped(Self.lookUpLimit.nanosecondsClamped)
        let (due, kind) = transfer.deadline
        let end = min(due, own)
        let pending = PendingLookup()
        pending.timer = loop.schedule(
            after: .nanoseconds(Int64(clamping: end > now ? end - now : 0))
        ) {
            transfer.finish(
                ClientFailure(
                    due <= own ? kind : .broken, wasSent: false,
                    "its name was not found in time"))
        }
        let loop = loop
        NameLookup.shared.find(origin.lookUpName, isForeign: origin.isPublicOnly) {
            [weak self] addresses in
            loop.post { [weak self] in
                if let timer = pending.timer { loop.cancel(timer) }
                guard transfer.isOpen else { return }
                guard let self, !addresses.isEmpty else {
                    return transfer.finish(
                        ClientFailure(.broken, wasSent: false, "its name is not found"))
                }
                self.connect(
                    transfer, bytes, to: origin,
                    at: addresses.map { $0.with(port: origin.port) })
            }
        }
    }

    /// Used only on the loop.
    private final class PendingLookup: @unchecked Sendable {
        var timer: LoopTimer?
    }

    private func connect(
        _ transfer: HTTPTransfer, _ bytes: [UInt8], to origin: HTTPOrigin,
        at addresses: [SocketAddress]
    ) {
        let (fitting, refusal) = origin.admitted(addresses)
        guard !fitting.isEmpty else { return fail(transfer, refusal) }
        begin(transfer, bytes, at: origin, fitting[...])
    }

    /// Opens a connection for a transfer of which nothing was sent.
    func begin(
        _ transfer: HTTPTransfer, _ request: [UInt8], at origin: HTTPOrigin,
        _ addresses: ArraySlice<SocketAddress>
    ) {
        if let connection = ClientConnection.open(origin, at: addresses, client: self) {
            _ = connection.carry(transfer, request)
            return
        }
        fail(transfer, "the server cannot be connected")
    }

    private func fail(_ transfer: HTTPTransfer, _ reason: String) {
        loop.post { transfer.finish(ClientFailure(.broken, wasSent: false, reason)) }
    }

    // MARK: the pool

    private func take(_ origin: HTTPOrigin) -> ClientConnection? {
        // The address is checked for each request, so these connections are not reused.
        guard !origin.isPublicOnly else { return nil }
        while let connection = idle[origin]?.popLast() {
            idleCount -= 1
            if idle[origin]?.isEmpty == true { idle[origin] = nil }
            if connection.isUsable() { return connection }
            connection.drop()
        }
        return nil
    }

    func keep(_ connection: ClientConnection) {
        if idleCount >= Self.pooledConnections { dropOldest() }
        idle[connection.origin, default: []].append(connection)
        idleCount += 1
    }

    private func dropOldest() {
        // The first connection of each origin has been idle for longest.
        let oldest = idle.values.compactMap(\.first).min { $0.idleSince < $1.idleSince }
        oldest?.drop()
    }

    /// Removes a closed connection from the idle ones, if it was among them.
    func forget(_ connection: ClientConnection) {
        guard let place = idle[connection.origin]?.firstIndex(where: { $0 === connection }) else {
            return
        }
        idle[connection.origin]?.remove(at: place)
        idleCount -= 1
        if idle[connection.origin]?.isEmpty == true { idle[connection.origin] = nil }
    }

    // MARK: the request's bytes

    private static func write(
        _ request: ClientRequest, _ route: HTTPRoute, to output: inout [UInt8]
    ) {
        output.append(contentsOf: request.method.utf8)
        output.append(HTTPBytes.space)
        output.append(contentsOf: route.target.utf8)
        output.append(contentsOf: " HTTP/1.1\r\nHost: ".utf8)
        output.append(contentsOf: route.origin.authority.utf8)
        output.append(contentsOf: "\r\n".utf8)
        for (name, value) in request.headers where isPlain(name) && isPlain(value) {
            output.append(contentsOf: name.utf8)
            output.append(contentsOf: ": ".utf8)
            output.append(contentsOf: value.utf8)
            output.append(contentsOf: "\r\n".utf8)
        }
        if request.method != "GET" {
            output.append(contentsOf: "Content-Length: ".utf8)
            output.append(contentsOf: String(request.body.count).utf8)
            output.append(contentsOf: "\r\n".utf8)
        }
        output.append(contentsOf: "\r\n".utf8)
        if request.method != "GET" { output.append(contentsOf: request.body) }
    }

    /// Returns true if the text has no control characters, which could end a header line.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
    }
}
