import InterlockGateway
import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

/// An MCP session over Streamable HTTP, as client: 2025-11-25, and what older servers answer to it.
///
/// Shared by the loops; each request goes through the HTTP client of the loop it is made on.
final class HTTPSession: UpstreamSession {
    /// What `initialize` has agreed on.
    struct Opened: Sendable {
        /// Tells one opening from the next: a 404 for an old one must not end the new one.
        let generation: Int
        let sessionID: String?
        let version: ProtocolVersion
        let hasTools: Bool
    }

    private enum State {
        /// -> opening
        case closed
        /// -> open, closed
        case opening([CheckedContinuation<Result<Opened, UpstreamTrouble>, Never>])
        /// -> closed
        case open(Opened)
        /// For good.
        case ended
    }

    let shared: UpstreamShared
    let agent: AgentName?
    private let url: String
    private let clients: HTTPClients
    private let state = Mutex(State.closed)
    private let generation = Atomic<Int>(0)

    init(shared: UpstreamShared, agent: AgentName?, url: String, clients: HTTPClients) {
        self.shared = shared
        self.agent = agent
        self.url = url
        self.clients = clients
    }

    private var limits: UpstreamLimits { shared.limits }

    func call(_ call: UpstreamCall) async -> UpstreamAnswer {
        await clients.onLoop { client in
            await unsafe withUnsafeContinuation { continuation in
                unsafe HTTPCall(call, session: self, client: client, continuation).start()
            }
        }
    }

    func listTools() async -> Result<[JSONValue], UpstreamTrouble> {
        await clients.onLoop { client in
            let first = await self.listTools(client)
            if case .sessionIsGone = first {
                if case .done(let tools) = await self.listTools(client) { return tools }
                return .failure(UpstreamTrouble("the server forgets its sessions"))
            }
            if case .done(let result) = first { return result }
            return .failure(UpstreamTrouble("the server forgets its sessions"))
        }
    }

    private enum Listing {
        case done(Result<[JSONValue], UpstreamTrouble>)
        case sessionIsGone
    }

    private func listTools(_ client: HTTPClient) async -> Listing {
        let opened: Opened
        switch await open(client) {
        case .success(let value): opened = value
        case .failure(let trouble): return .done(.failure(trouble))
        }
        guard opened.hasTools else { return .done(.success([])) }
        var list = UpstreamToolList()
        var cursor: String?
        repeat {
            let id = shared.nextID()
            let (_, outcome) = await exchange(
                client, UpstreamMessages.listTools(id: id, cursor: cursor), id: id, in: opened)
            guard case .result(let object) = outcome else {
                if forget(opened, after: outcome) { return .sessionIsGone }
                return .done(.failure(trouble(outcome)))
            }
            do throws(UpstreamProtocolError) {
                cursor = try list.add(try UpstreamToolPage(object))
            } catch {
                return .done(.failure(UpstreamTrouble(error.description)))
            }
        } while cursor != nil
        return .done(.success(list.tools))
    }

    func close() async {
        let last = state.withLock { state in
            defer { state = .ended }
            if case .open(let opened) = state { return Opened?(opened) }
            return nil
        }
        guard let last, last.sessionID != nil else { return }
        await clients.onLoop { client in
            var request = self.request([], in: last)
            request.method = "DELETE"
            request.hardLimit = self.limits.cancelling
            _ = await client.send(request)
        }
    }

    // MARK: opening

    /// The session, when there is one already.
    var openedNow: Opened? {
        state.withLock { if case .open(let opened) = $0 { opened } else { nil } }
    }

    /// Opens once for all who ask at the same time.
    func open(_ client: HTTPClient) async -> Result<Opened, UpstreamTrouble> {
        enum Role {
            case done(Result<Opened, UpstreamTrouble>)
            case wait, opener
        }
        let role = state.withLock { state in
            switch state {
            case .open(let opened): return Role.done(.success(opened))
            case .ended: return .done(.failure(UpstreamTrouble("the session has ended")))
            case .opening: return .wait
            case .closed:
                state = .opening([])
                return .opener
            }
        }
        switch role {
        case .done(let result): return result
        case .opener: return conclude(await handshake(client))
        case .wait:
            return await withCheckedContinuation { continuation in
                let now: Result<Opened, UpstreamTrouble>? = state.withLock { state in
                    switch state {
                    case .opening(let waiting):
                        state = .opening(waiting + [continuation])
                        return nil
                    case .open(let opened): return .success(opened)
                    case .closed, .ended:
                        return .failure(UpstreamTrouble("the session could not be opened"))
                    }
                }
                if let now { continuation.resume(returning: now) }
            }
        }
    }

    private func conclude(_ result: Result<Opened, UpstreamTrouble>)
        -> Result<Opened, UpstreamTrouble>
    {
        let waiting = state.withLock { state in
            guard case .opening(let waiting) = state else {
                return [CheckedContinuation<Result<Opened, UpstreamTrouble>, Never>]()
            }
            if case .success(let opened) = result { state = .open(opened) } else { state = .closed }
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: result) }
        return result
    }

    private func handshake(_ client: HTTPClient) async -> Result<Opened, UpstreamTrouble> {
        let id = shared.nextID()
        let hello = UpstreamMessages.initialize(id: id, clientVersion: shared.clientVersion)
        let (head, outcome) = await exchange(client, hello, id: id, in: nil)
        guard case .result(let result) = outcome else { return .failure(trouble(outcome)) }
        let opened: Opened
        do throws(UpstreamProtocolError) {
            let handshake = try UpstreamHandshake(result)
            guard handshake.version >= .v2025_03_26 else {
                return .failure(
                    UpstreamTrouble("the server speaks only protocol version 2024-11-05"))
            }
            shared.opened(handshake)
            opened = Opened(
                generation: generation.wrappingAdd(1, ordering: .relaxed).newValue,
                sessionID: head.sessionID, version: handshake.version,
                hasTools: handshake.hasTools)
        } catch {
            return .failure(UpstreamTrouble(error.description))
        }
        let (_, confirmed) = await exchange(
            client, UpstreamMessages.initialized(), id: nil, in: opened)
        guard case .accepted = confirmed else { return .failure(trouble(confirmed)) }
        return .success(opened)
    }

    /// - Returns: whether the outcome says that the session is gone; then the next `open` makes one.
    func forget(_ opened: Opened, after outcome: MCPPost.Outcome) -> Bool {
        guard case .refused(404, _) = outcome, opened.sessionID != nil else { return false }
        state.withLock { state in
            if case .open(let current) = state, current.generation == opened.generation {
                state = .closed
            }
        }
        return true
    }

    // MARK: messages

    private static let accept = "\(StreamableHTTP.json), \(StreamableHTTP.eventStream)"

    func request(_ body: [UInt8], in opened: Opened?) -> ClientRequest {
        var headers: [(name: String, value: String)] = [
            ("Content-Type", StreamableHTTP.json),
            ("Accept", Self.accept),
        ]
        if let opened {
            headers.append(("MCP-Protocol-Version", opened.version.rawValue))
            if let id = opened.sessionID { headers.append(("Mcp-Session-Id", id)) }
        }
        if let credential = shared.credential(of: agent) {
            headers.append((credential.header, credential.value))
        }
        let patience = limits.handshake
        return ClientRequest(
            url: url, headers: headers, body: body, idleLimit: patience, hardLimit: patience)
    }

    private func exchange(_ client: HTTPClient, _ body: [UInt8], id: Int64?, in opened: Opened?)
        async -> (ClientHead, MCPPost.Outcome)
    {
        await withCheckedContinuation { continuation in
            MCPPost(
                client: client, id: id,
                onMessage: { self.take($0, client, in: opened, progress: nil) },
                onOutcome: { continuation.resume(returning: ($0, $1)) }
            ).start(request(body, in: opened))
        }
    }

    /// A message that came beside the awaited answer.
    func take(
        _ message: JSONRPCMessage, _ client: HTTPClient, in opened: Opened?,
        progress: ((Int64, JSONObject) -> Void)?
    ) {
        switch message {
        case .notification(let method, let params):
            switch UpstreamNotification(method: method, params: params) {
            case .progress(let token, let params): progress?(token, params)
            case .toolListChanged: shared.toolListChanged()
            case .other: return
            }
        case .request(let asked):
            send(UpstreamMessages.answer(to: asked), client, in: opened)
        case .result, .error: return
        }
    }

    /// Sends a message that awaits nothing; `then` runs when it is through or given up.
    func send(
        _ body: [UInt8], _ client: HTTPClient, in opened: Opened?,
        then: @escaping () -> Void = {}
    ) {
        var request = request(body, in: opened)
        request.hardLimit = limits.cancelling
        MCPPost(client: client, id: nil, onMessage: { _ in }, onOutcome: { _, _ in then() })
            .start(request)
    }

    func trouble(_ outcome: MCPPost.Outcome) -> UpstreamTrouble {
        switch outcome {
        case .result: UpstreamTrouble("an answer to another question", wasSent: true)
        case .error(let error): UpstreamTrouble("error \(error.code): \(error.message)")
        case .accepted: UpstreamTrouble("the server did not answer", wasSent: true)
        case .refused(let status, let error):
            UpstreamTrouble("status \(status)" + (error.map { ": " + $0.message } ?? ""))
        case .failed(let failure): UpstreamTrouble(failure.reason, wasSent: failure.wasSent)
        case .garbage(let reason): UpstreamTrouble(reason, wasSent: true)
        }
    }
}
