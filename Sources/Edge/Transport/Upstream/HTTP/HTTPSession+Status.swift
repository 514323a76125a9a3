import InterlockJSON
import InterlockMCP
import Synchronization

/// On the standing stream of a legacy session some servers ask what they want to know in mid-call. The question
/// does not say of which call it is: it reaches the caller of the one that is under way, and nobody where there
/// are more.
extension HTTPSession {
    struct Status {
        /// The opening whose stream was asked for; nil where the next call has to ask for it.
        var generation: Int?
        /// The calls under way that may be asked.
        var calls: [ObjectIdentifier: HTTPCall] = [:]
    }

    /// Whether a call must wait for the stream: a server that asks before it is there is not heard.
    func owesStream(_ opened: Opened) -> Bool {
        !opened.version.isModern && !key.declared.isEmpty
            && standing.withLock { $0.generation != opened.generation }
    }

    /// Returns when the server has taken or refused the stream, or after a while.
    func listenForQuestions(_ client: HTTPClient, in ready: Ready) async {
        let opened = ready.opened
        guard owesStream(opened) else { return }
        standing.withLock { $0.generation = opened.generation }
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

    /// A server that has no such stream is not asked for it again in this session.
    private func streamEnded(_ outcome: MCPPostExchange.Outcome, of opened: Opened) {
        if case .refused = outcome { return }
        standing.withLock { standing in
            if standing.generation == opened.generation { standing.generation = nil }
        }
    }

    private func takeStanding(
        _ message: JSONRPCMessage, _ client: HTTPClient, in opened: Opened
    ) {
        let calls = standing.withLock { Array($0.calls.values) }
        guard case .request(let asked) = message, calls.count == 1, let call = calls.first else {
            return take(message, client, in: opened)
        }
        call.takeStanding(asked)
    }

    func entered(_ call: HTTPCall) {
        standing.withLock { $0.calls[ObjectIdentifier(call)] = call }
    }

    func left(_ call: HTTPCall) {
        standing.withLock { $0.calls[ObjectIdentifier(call)] = nil }
    }
}
