import InterlockGateway
import InterlockJSON
import InterlockMCP
import InterlockModel

/// One tools/call over HTTP, from the port's `call` to its answer. On its client's loop.
@safe final class HTTPCall: @unchecked Sendable {
    private let call: UpstreamCall
    private let session: HTTPSession
    private let client: HTTPClient
    /// nil once it is answered, so that it is answered once.
    private var continuation: UnsafeContinuation<UpstreamAnswer, Never>?

    private var post: MCPPost?
    private var id: Int64 = 0
    private var opened: HTTPSession.Opened?
    private var attempts = 0
    private var isCancelled = false
    private var isWaiting: Bool { unsafe continuation != nil }

    init(
        _ call: UpstreamCall, session: HTTPSession, client: HTTPClient,
        _ continuation: UnsafeContinuation<UpstreamAnswer, Never>
    ) {
        self.call = call
        self.session = session
        self.client = client
        unsafe self.continuation = unsafe continuation
    }

    func start() {
        call.cancel.onCancel { [weak self] _ in
            guard let self else { return }
            self.client.loop.perform { self.cancel() }
        }
        attempt()
    }

    private func attempt() {
        guard isWaiting else { return }
        attempts += 1
        if let opened = session.openedNow { return send(in: opened) }
        Task(executorPreference: client.loop) { [session, client] in
            switch await session.open(client) {
            case .success(let opened): self.send(in: opened)
            case .failure(let trouble):
                self.finish(.failed(.notExecuted, reason: trouble.description))
            }
        }
    }

    private func send(in opened: HTTPSession.Opened) {
        guard isWaiting else { return }
        self.opened = opened
        id = session.shared.nextID()
        let body = UpstreamMessages.callTool(
            id: id, name: call.address.tool.text, arguments: call.arguments,
            wantsProgress: call.progress != nil)
        var request = session.request(body, in: opened)
        request.idleLimit = call.idleLimit
        request.hardLimit = call.hardLimit
        let post = MCPPost(
            client: client, id: id, onMessage: { self.take($0) },
            onOutcome: { self.end($1) })
        self.post = post
        post.start(request)
    }

    private func take(_ message: JSONRPCMessage) {
        session.take(message, client, in: opened) { [call, id] token, params in
            if token == id { call.progress?(params) }
        }
    }

    private func end(_ outcome: MCPPost.Outcome) {
        guard isWaiting else { return }
        switch outcome {
        case .result(let result): finish(.result(result, bytes: result.serialized()))
        case .error(let error): finish(.rpcError(code: error.code, message: error.message))
        case .accepted: finish(.failed(.unknown, reason: "the upstream did not answer"))
        case .garbage(let reason): finish(.failed(.unknown, reason: reason))
        case .refused(let status, let error): refused(status, error, outcome)
        case .failed(let failure): failed(failure)
        }
    }

    private func refused(_ status: Int, _ error: JSONRPCError?, _ outcome: MCPPost.Outcome) {
        // The session is gone, so the call was not carried out: once more, in a new one, as a new id.
        if let opened, session.forget(opened, after: outcome), attempts == 1, !isCancelled {
            return attempt()
        }
        if status == 400, let error {
            return finish(.rpcError(code: error.code, message: error.message))
        }
        // These say that the request was turned away; anything else leaves it open.
        let turnedAway = [400, 401, 403, 404, 405, 406, 413, 415, 421, 429].contains(status)
        finish(
            .failed(
                turnedAway ? .notExecuted : .unknown,
                reason: "the upstream answered with status \(status)"))
    }

    private func failed(_ failure: ClientFailure) {
        let outcome: UpstreamOutcome = failure.wasSent ? .unknown : .notExecuted
        switch failure.kind {
        case .idle, .hard:
            if failure.wasSent { tellCancelled("timeout") {} }
            finish(.timedOut(outcome))
        case .cancelled: finish(.cancelled(confirmed: !failure.wasSent))
        case .broken, .tooLarge: finish(.failed(outcome, reason: failure.reason))
        }
    }

    // MARK: cancelling

    /// Tells the upstream, then closes the stream. An answer that comes in between counts.
    private func cancel() {
        guard isWaiting, !isCancelled else { return }
        isCancelled = true
        guard let post, post.wasSent else {
            let post = post
            finish(.cancelled(confirmed: true))
            post?.cancel()
            return
        }
        tellCancelled("the caller has cancelled") { post.cancel() }
    }

    private func tellCancelled(_ reason: String, then: @escaping () -> Void) {
        session.send(
            UpstreamMessages.cancelled(id: id, reason: reason), client, in: opened, then: then)
    }

    private func finish(_ answer: UpstreamAnswer) {
        // The post knows this call as this call knows the post: one of them has to let go.
        post = nil
        let waiting = unsafe continuation
        unsafe continuation = nil
        unsafe waiting?.resume(returning: answer)
    }
}
