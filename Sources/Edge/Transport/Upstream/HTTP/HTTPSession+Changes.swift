import InterlockJSON
import InterlockMCP
import Synchronization

/// A response that the server keeps open.
struct HTTPStream: Sendable {
    let post: MCPPostExchange
    let loop: EventLoop

    func close() { loop.perform { post.cancel() } }
}

extension HTTPSession {
    /// Longer than the silence of any server that sends comments to keep its streams open.
    static let longestSilence = Duration.seconds(600)
    static let longestStream = Duration.seconds(86_400)

    func listen() async {
        guard let opened = openedNow, !opened.changing.isEmpty,
            case .success(let credential) = await credential()
        else { return }
        await clients.onLoop { client in
            await withCheckedContinuation { continuation in
                let id = self.shared.nextID()
                let post = MCPPostExchange(
                    client: client, id: id, onMessage: { self.take($0, client, in: opened) },
                    onOutcome: { _, _ in continuation.resume() })
                post.start(self.listening(opened, id, credential))
                self.hold(HTTPStream(post: post, loop: client.loop))
            }
        }
    }

    /// - Parameter resources: the resources to subscribe to instead of lists, in the modern era; nil for the lists.
    /// - Returns: a separate request in the modern era, the session's standing stream in the legacy one.
    func listening(
        _ opened: Opened, _ id: Int64, resources: Set<ExactText>? = nil,
        _ credential: UpstreamCredential?
    ) -> ClientRequest {
        var request: ClientRequest
        if opened.version.isModern {
            let envelope = shared.envelope(opened.version)
            request = self.request(
                UpstreamMessages.listen(
                    id: id, to: resources == nil ? opened.changing : [],
                    resources: resources?.sorted().texts ?? [], envelope), in: opened,
                headers: envelope.headers(of: "subscriptions/listen"), credential)
        } else {
            request = self.request([], in: opened, credential)
            request.method = "GET"
            request.headers.removeAll { $0.name == "Content-Type" }
        }
        request.idleLimit = Self.longestSilence
        request.hardLimit = Self.longestStream
        return request
    }
}

/// Requests for input on the standing stream of a legacy session. Such a request does not name its call: it is passed
/// to the caller of the only call in progress, and is passed to no caller if there are several.
extension HTTPSession {
    struct Status {
        /// The opening whose stream was requested, or nil if the next call must request it.
        var generation: Int?
        /// The calls in progress that accept requests for input.
        var calls: [ObjectIdentifier: HTTPCall] = [:]
    }

    /// Returns true if a call must wait for the stream: requests that the server makes before it exists would be lost.
    func owesStream(_ opened: Opened) -> Bool {
        !opened.version.isModern && !key.declared.isEmpty
            && status.withLock { $0.generation != opened.generation }
    }

    /// Returns once the server has accepted or refused the stream, or after `limits.cancelling`.
    func listenForQuestions(_ client: HTTPClient, in ready: Ready) async {
        let opened = ready.opened
        guard owesStream(opened) else { return }
        status.withLock { $0.generation = opened.generation }
        await withCheckedContinuation { continuation in
            let begun = Once<Void> { _ in continuation.resume() }
            let post = MCPPostExchange(
                client: client, id: nil, onMessage: { self.takeStanding($0, client, in: opened) },
                onOutcome: { _, outcome in
                    self.streamEnded(outcome, of: opened)
                    begun.run(())
                })
            post.onHead = { begun.run(()) }
            post.start(listening(opened, shared.nextID(), ready.credential))
            hold(HTTPStream(post: post, loop: client.loop))
            _ = client.loop.schedule(after: limits.cancelling) { begun.run(()) }
        }
    }

    /// Handles the end of the stream. A server that refused it is not asked for it again in this session.
    private func streamEnded(_ outcome: MCPPostExchange.Outcome, of opened: Opened) {
        if case .refused = outcome { return }
        status.withLock { status in
            if status.generation == opened.generation { status.generation = nil }
        }
    }

    private func takeStanding(_ message: JSONRPCMessage, _ client: HTTPClient, in opened: Opened) {
        let calls = status.withLock { Array($0.calls.values) }
        guard case .request(let asked) = message, calls.count == 1, let call = calls.first else {
            return take(message, client, in: opened)
        }
        call.takeStanding(asked)
    }

    func entered(_ call: HTTPCall) { status.withLock { $0.calls[ObjectIdentifier(call)] = call } }

    func left(_ call: HTTPCall) { status.withLock { $0.calls[ObjectIdentifier(call)] = nil } }
}
