import InterlockEgress
import InterlockPorts

/// One connection of a run, from its first byte to its outcome. Used on its proxy's loop.
final class EgressSession: @unchecked Sendable {
    let number: UInt64
    let client: EgressSocket
    let listener: EgressListener
    let proxy: EgressProxy
    private var server: EgressSocket?
    private var relay: EgressRelay?
    /// True once the client got an answer of success, after which it takes further bytes for those of the server.
    private var isAnswered = false

    init(
        _ number: UInt64, _ client: EgressSocket, _ listener: EgressListener, _ proxy: EgressProxy
    ) {
        self.number = number
        self.client = client
        self.listener = listener
        self.proxy = proxy
    }

    var limits: EgressLimits { proxy.parts.limits }
    private var authorizer: any EgressAuthorizer { proxy.parts.authorizer }

    /// Closes the sockets; a step in progress ends at its next wait.
    func stop() {
        relay?.stop(.stopped)
        client.close()
        server?.close()
    }

    /// A connection that was asked for.
    struct Order {
        let attempt: EgressAttempt
        /// The head for the server, or nothing for a tunnel.
        var head: [UInt8] = []
        /// The bytes of a body that were received with the head.
        var body: [UInt8] = []
        /// The length of the whole body; nil for a tunnel.
        var bodyLength: UInt64?
        /// True if the client may wait for `100 Continue`.
        var expectsContinue = false
    }

    func run() async {
        var order: Order?
        do throws(EgressRefusal) {
            order = try await receive()
            if let order { try await serve(order) }
        } catch {
            await refuse(error, order?.attempt)
        }
        stop()
    }

    /// INVARIANT: the order of these steps. No name is looked up before a rule admits it, nothing is sent to a server
    /// before every answer was checked and the record is durable, and the address that is dialled is one of those that
    /// were checked. Kept by `EgressProxyTests`.
    private func serve(_ received: Order) async throws(EgressRefusal) {
        var order = received
        let attempt = order.attempt
        try refuseEarlyData(order)
        // A client that is gone is decided about, and its refusal recorded, but a permission would be a durable record
        // of a connection that is never made.
        if !client.isClosed, let connection = try await open(attempt) {
            return await transfer(order, connection, order.head + order.body)
        }
        let rule = try await decide(attempt)
        let checked = try await EgressAddressLookup(
            authorizer: authorizer, resolver: proxy.parts.resolver, limit: limits.resolve,
            loop: proxy.loop
        ).addresses(of: attempt, rule)
        let sent = try await readWhole(&order)
        let content: EgressContent = sent.map { .request($0) } ?? .unread
        var first = order.head + order.body
        var hasEncryptedHello = false
        if rule.transport == .tls {
            try await answer(order)
            (first, hasEncryptedHello) = try await clientHello(attempt, rule)
        } else {
            try refuseEarlyData(order)
        }
        guard !proxy.budget.isUsedUp(rule) else {
            throw EgressRefusal(.limit, "the rule's `max_bytes_up` is used up")
        }
        let connection = EgressConnection(
            attempt: attempt, rule: rule, addresses: checked.addresses,
            hasEncryptedHello: hasEncryptedHello, content: content)
        if client.isClosed { return }
        if let reason = await authorizer.connecting(connection) {
            throw EgressRefusal(reason, "the connection was not recorded as allowed")
        }
        await transfer(order, connection, first)
    }

    // MARK: the steps

    /// Decides about an address and records the permission by one question. Nothing lies between the two for an address:
    /// it has no name to look up, and no rule for it reads a ClientHello.
    ///
    /// - Returns: nil for a name, for an address whose rule may have no bytes left, which is to be refused before it is
    ///   recorded as allowed, and for a request that is read whole first.
    private func open(_ attempt: EgressAttempt) async throws(EgressRefusal) -> EgressConnection? {
        guard let address = attempt.target.host.address, !isReadWhole(attempt),
            !proxy.budget.mayBeUsedUp(attempt.target)
        else { return nil }
        switch await authorizer.open(attempt) {
        case .deny(let refusal): throw refusal
        case .allow(let rule):
            guard rule.transport != .tls else {
                throw EgressRefusal(.notTLS, "an address has no name for TLS")
            }
            // The address that is dialled is checked here too, whatever the authorizer said.
            let checked = try CheckedAddresses([address], allowsPrivate: rule.allowsPrivate)
            return EgressConnection(
                attempt: attempt, rule: rule, addresses: checked.addresses,
                hasEncryptedHello: false)
        }
    }

    private func decide(_ attempt: EgressAttempt) async throws(EgressRefusal) -> EgressRule {
        switch await authorizer.decide(attempt) {
        case .allow(let rule): return rule
        case .deny(let refusal): throw refusal
        }
    }

    private func clientHello(
        _ attempt: EgressAttempt, _ rule: EgressRule
    ) async throws(EgressRefusal) -> (received: [UInt8], isEncrypted: Bool) {
        let deadline = deadline(after: limits.clientHello)
        var reader = ClientHelloReader()
        while true {
            switch await client.receive(until: deadline) {
            case .bytes(let bytes):
                guard let hello = try reader.read(bytes) else { continue }
                try hello.require(attempt.target.host, rule.encryptedHello)
                return (reader.received, hello.isEncrypted)
            case .end, .failed:
                throw EgressRefusal(.notTLS, "the client ended before its ClientHello")
            case .timedOut:
                throw EgressRefusal(.limit, "the ClientHello took too long")
            }
        }
    }

    /// Connects, and passes bytes until the end. Always records the outcome.
    private func transfer(
        _ order: Order, _ connection: EgressConnection, _ first: [UInt8]
    ) async {
        let began = proxy.loop.nowNanoseconds
        var end = EgressOutcome.End.stopped
        var address: IPAddress?
        var count = (up: UInt64(0), down: UInt64(0))
        switch await connect(connection) {
        case .failed(let error):
            end = client.isClosed ? .stopped : .unreachable(error)
            if !isAnswered, !client.isClosed { await send(unreachable) }
        case .connected(let socket, let found):
            address = found
            server = socket
            let isReady = await answerAfterConnecting(order)
            if isReady, !client.isClosed {
                let relay = EgressRelay(
                    client: client, server: socket, first: first,
                    limit: order.bodyLength.map { $0 - UInt64(order.body.count) },
                    rule: connection.rule, budget: proxy.budget, idle: limits.idle)
                self.relay = relay
                end = await relay.run()
                count = (relay.bytesUp, relay.bytesDown)
            } else if !client.isClosed {
                end = .broken
            }
        }
        stop()
        await authorizer.closed(
            connection,
            EgressOutcome(
                end: end, address: address, bytesUp: count.up, bytesDown: count.down,
                milliseconds: milliseconds(since: began)))
    }

    private enum Connected {
        case connected(EgressSocket, IPAddress)
        case failed(Int32)
    }

    /// Tries the checked addresses, and only these, within one limit.
    private func connect(_ connection: EgressConnection) async -> Connected {
        let deadline = deadline(after: limits.connect)
        var lastError: Int32 = 0
        for address in connection.addresses {
            guard !client.isClosed, proxy.loop.nowNanoseconds < deadline else { break }
            let dialled = proxy.parts.dialled(address, connection.attempt.target.port)
            guard let target = SocketAddress("\(dialled.0)", port: dialled.1) else { continue }
            let result = await EgressSocket.connect(target, until: deadline, on: proxy.loop) {
                server = $0
            }
            switch result {
            case .socket(let socket): return .connected(socket, address)
            case .failed(let error): lastError = error
            }
        }
        return .failed(lastError)
    }

    // MARK: answers

    /// Bytes that the client sent before its answer could reach the server as if the server had agreed to them.
    func refuseEarlyData(_ order: Order) throws(EgressRefusal) {
        guard order.attempt.access == .tunnel, !isAnswered else { return }
        switch order.body.isEmpty ? client.receiveNow() : .bytes(order.body) {
        case .bytes: throw EgressRefusal(.earlyData, "bytes arrived before the answer")
        case .end, .failed: client.close()
        case .timedOut, nil: return
        }
    }

    private func answer(_ order: Order) async throws(EgressRefusal) {
        try refuseEarlyData(order)
        isAnswered = true
        await send(success)
    }

    /// Answers a tunnel of any bytes once it is open.
    /// - Returns: false if the client must not continue.
    private func answerAfterConnecting(_ order: Order) async -> Bool {
        guard order.attempt.access == .tunnel, !isAnswered else { return true }
        do throws(EgressRefusal) {
            try await answer(order)
            return true
        } catch {
            await send(answer(to: error))
            return false
        }
    }

    private func refuse(_ refusal: EgressRefusal, _ attempt: EgressAttempt?) async {
        await authorizer.refused(attempt, refusal)
        guard !isAnswered, !client.isClosed else { return }
        await send(answer(to: refusal))
        await linger()
    }

    private func answer(to refusal: EgressRefusal) -> [UInt8] {
        switch listener {
        case .http: refusal.reason.httpResponse
        case .socks: SOCKSReader.reply(refusal.reason.socksReply)
        }
    }

    private var success: [UInt8] {
        switch listener {
        case .http: Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
        case .socks: SOCKSReader.reply(0)
        }
    }

    private var unreachable: [UInt8] {
        switch listener {
        case .http:
            Array(
                ("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    + "Content-Length: 12\r\nConnection: close\r\n\r\nunreachable\n").utf8)
        case .socks: SOCKSReader.reply(4)
        }
    }

    @discardableResult
    func send(_ bytes: [UInt8]) async -> Bool {
        await client.send(bytes, until: deadline(after: limits.answer))
    }

    private static let lingerBytes = 256 * 1024

    /// Reads what the client still sends, so that the close does not reset the answer.
    func linger() async {
        SocketCalls.finishSending(client.descriptor)
        let deadline = deadline(after: limits.linger)
        var count = 0
        while count < Self.lingerBytes,
            case .bytes(let more) = await client.receive(until: deadline)
        {
            count += more.count
        }
    }

    func deadline(after limit: Duration) -> UInt64 {
        proxy.loop.nowNanoseconds.addingClamped(limit.nanosecondsClamped)
    }

    private func milliseconds(since start: UInt64) -> Int64 {
        Int64(clamping: (proxy.loop.nowNanoseconds &- start) / 1_000_000)
    }
}
