import InterlockEgress
import InterlockPorts

/// One request to a model, from its permission to its outcome. Used on the loop of its proxy.
final class ModelCall: @unchecked Sendable {
    private let route: ModelRoute
    private let provider: ModelProvider
    /// The path at the provider, with its query.
    private let path: String
    private let head: RequestHead
    private let body: [UInt8]
    private let exchange: any Exchange
    private let attempt: EgressAttempt
    private var transfer: HTTPTransfer?
    /// The end that came from this side.
    private var cut: EgressOutcome.End?

    init(
        _ route: ModelRoute, _ provider: ModelProvider, number: UInt64, path: String,
        _ head: RequestHead, _ body: [UInt8], _ exchange: any Exchange
    ) {
        self.route = route
        self.provider = provider
        self.path = path
        self.head = head
        self.body = body
        self.exchange = exchange
        attempt = EgressAttempt(
            run: route.parts.run, number: number, target: provider.upstream.target, access: .model,
            model: provider.upstream.destination)
    }

    private var authorizer: any EgressAuthorizer { route.parts.authorizer }

    /// Ends the call; a step in progress ends at its next wait.
    func stop(_ end: EgressOutcome.End) {
        cut = cut ?? end
        if let transfer { route.client.cancel(transfer) }
    }

    func run() async {
        exchange.onClose { [weak self] in
            guard let self else { return }
            self.route.loop.perform { self.stop(.broken) }
        }
        do throws(EgressRefusal) {
            guard let connection = try await permit() else { return }
            let outcome = await send(connection)
            await authorizer.closed(connection, outcome)
        } catch {
            await authorizer.refused(attempt, error)
            exchange.respond(.plain(error.reason.httpStatus, error.reason.rawValue))
        }
    }

    /// INVARIANT: the order of these steps is that of every other connection, and the hash of the request is on record
    /// before a byte of it is sent. Kept by `ModelRouteTests`.
    ///
    /// - Returns: nil if the client left before anything was permitted.
    private func permit() async throws(EgressRefusal) -> EgressConnection? {
        let prompt = try prompt()
        let rule: EgressRule
        switch await authorizer.decide(attempt) {
        case .allow(let decided): rule = decided
        case .deny(let refusal): throw refusal
        }
        let checked = try await EgressAddressLookup(
            authorizer: authorizer, resolver: route.parts.resolver,
            limit: route.parts.limits.resolve, loop: route.loop
        ).addresses(of: attempt, rule)
        if cut != nil { return nil }
        let connection = EgressConnection(
            attempt: attempt, rule: rule, addresses: checked.addresses, hasEncryptedHello: false,
            content: .prompt(prompt))
        if let reason = await authorizer.connecting(connection) {
            throw EgressRefusal(reason, "the request was not recorded as allowed")
        }
        return connection
    }

    private func prompt() throws(EgressRefusal) -> ModelPrompt {
        guard body.isEmpty || head.method == "POST" else {
            throw EgressRefusal(.badRequest, "only POST has a body")
        }
        guard head["content-encoding"] == nil else {
            throw EgressRefusal(.badRequest, "the body is compressed")
        }
        return ModelPrompt(
            digest: SHA256Stream.digest(of: body), size: Int64(body.count),
            model: body.isEmpty || !isJSON ? nil : try ModelPrompt.model(in: body))
    }

    /// A body without a type counts as JSON too.
    private var isJSON: Bool {
        let type = (head["content-type"] ?? "application/json").prefix { $0 != ";" }
            .filter { $0 != " " && $0 != "\t" }.lowercased()
        return type == "application/json" || type.hasSuffix("+json")
    }

    // MARK: the request to the provider

    private func send(_ connection: EgressConnection) async -> EgressOutcome {
        let began = route.loop.nowNanoseconds
        let relay = ModelAnswerRelay(exchange)
        let failure: ClientFailure?
        if cut == nil {
            failure = await exchange(connection, relay)
        } else {
            failure = ClientFailure(.cancelled, wasSent: false, "the request was cancelled")
        }
        transfer = nil
        relay.end(failure)
        let milliseconds = Int64(clamping: (route.loop.nowNanoseconds &- began) / 1_000_000)
        return EgressOutcome(
            end: end(failure), address: nil,
            bytesUp: failure?.wasSent == false ? 0 : UInt64(body.count),
            bytesDown: relay.receivedBytes, milliseconds: milliseconds, answer: relay.answer())
    }

    /// Sends the request to the checked addresses, and returns once its answer has ended.
    private func exchange(
        _ connection: EgressConnection, _ relay: ModelAnswerRelay
    ) async -> ClientFailure? {
        let request = request(to: connection.addresses)
        return await withCheckedContinuation { continuation in
            transfer = route.client.start(
                request,
                HTTPTransfer.Events(
                    head: { if !relay.take($0) { self.giveUp() } },
                    bytes: { if !relay.take($0) { self.giveUp() } },
                    end: { continuation.resume(returning: $0) }))
        }
    }

    /// Ends the transfer after the events of this turn.
    private func giveUp() { route.loop.post { self.stop(.broken) } }

    private func request(to addresses: [IPAddress]) -> ClientRequest {
        let upstream = provider.upstream
        var request = ClientRequest(
            method: head.method, url: upstream.url(of: path), headers: provider.headers(for: head),
            body: body, idleLimit: route.parts.limits.modelIdle,
            hardLimit: route.parts.limits.model,
            responseLimitBytes: ModelRoute.answerLimitBytes)
        request.addresses = addresses.compactMap { address in
            let (dialled, port) = route.parts.dialled(address, upstream.target.port)
            return SocketAddress("\(dialled)", port: port)
        }
        request.authorities = route.authorities
        request.keepsFields = true
        return request
    }

    private func end(_ failure: ClientFailure?) -> EgressOutcome.End {
        switch failure?.kind {
        case nil: .finished
        case .cancelled?: cut ?? .broken
        case .idle?, .hard?: .idle
        case .tooLarge?: .limit
        case .broken?: failure?.wasSent == false ? .unreachable(0) : .broken
        }
    }
}
