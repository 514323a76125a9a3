import InterlockJSON

/// HTTP/1.1 without TLS, to addresses: pooled connections of its own, since libcurl's way costs more
/// than the rest of a governed call. One per `HTTPClient`, on its loop.
final class PlainClient: @unchecked Sendable {
    let loop: EventLoop
    /// By URL; nil for those that are left to libcurl.
    private var routes: [ExactText: PlainRoute?] = [:]
    /// Idle connections, the last used at the end.
    private var idle: [PlainOrigin: [PlainConnection]] = [:]
    private var idleCount = 0

    private static let rememberedRoutes = 1024
    private static let pooledConnections = 256

    init(loop: EventLoop) { self.loop = loop }

    deinit {
        let connections = idle.values.flatMap { $0 }
        guard !connections.isEmpty else { return }
        loop.post { for connection in connections { connection.drop() } }
    }

    func route(of url: String) -> PlainRoute? {
        if let known = routes[url] { return known }
        if routes.count >= Self.rememberedRoutes { routes = [:] }
        let route = PlainRoute(url: url)
        routes[url] = .some(route)
        return route
    }

    func start(_ transfer: HTTPTransfer, _ route: PlainRoute) {
        var bytes = LoopScratch.takeOutput(from: loop)
        Self.write(transfer.request, route, to: &bytes)
        while let connection = take(route.origin) {
            if connection.carry(transfer, bytes) {
                return LoopScratch.giveBackOutput(&bytes, to: loop)
            }
        }
        begin(transfer, bytes, at: route.origin, from: 0)
    }

    /// Opens a connection for a transfer of which nothing was sent.
    func begin(
        _ transfer: HTTPTransfer, _ request: [UInt8], at origin: PlainOrigin, from attempt: Int
    ) {
        if let connection = PlainConnection.open(origin, from: attempt, client: self) {
            _ = connection.carry(transfer, request)
            return
        }
        loop.post {
            transfer.finish(
                ClientFailure(.broken, wasSent: false, "the server cannot be connected"))
        }
    }

    // MARK: the pool

    private func take(_ origin: PlainOrigin) -> PlainConnection? {
        while let connection = idle[origin]?.popLast() {
            idleCount -= 1
            if connection.isUsable() { return connection }
            connection.drop()
        }
        return nil
    }

    func keep(_ connection: PlainConnection) {
        guard idleCount < Self.pooledConnections else { return connection.drop() }
        idle[connection.origin, default: []].append(connection)
        idleCount += 1
    }

    /// A connection has been closed; it may have been idle.
    func forget(_ connection: PlainConnection) {
        guard let place = idle[connection.origin]?.firstIndex(where: { $0 === connection }) else {
            return
        }
        idle[connection.origin]?.remove(at: place)
        idleCount -= 1
        if idle[connection.origin]?.isEmpty == true { idle[connection.origin] = nil }
    }

    // MARK: the request's bytes

    private static func write(
        _ request: ClientRequest, _ route: PlainRoute, to output: inout [UInt8]
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

    /// Control characters could end a header's line.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
    }
}
