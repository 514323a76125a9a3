import InterlockGateway
import InterlockJSON
import InterlockMCP
import InterlockModel

/// One tools/call over HTTP, from the port's `call` to its answer. On its client's loop.
@safe final class HTTPCall: CallRounds.Host, @unchecked Sendable {
    private let call: UpstreamCall
    private let session: HTTPSession
    private let client: HTTPClient
    /// nil once it is answered, so that it is answered once.
    private var continuation: UnsafeContinuation<UpstreamAnswer, Never>?

    /// Of the round under way.
    private var post: MCPPost?
    private var id: Int64 = 0
    private var opened: HTTPSession.Opened?
    private var credential: UpstreamCredential?
    private var credentialTries = CredentialTries()
    private var openings = 0
    /// A refusal that spoke of another era: it stands where the server turns out to speak the same.
    private var doubted: (version: ProtocolVersion, answer: UpstreamAnswer)?
    private(set) var isCancelled = false
    /// The server got an earlier round.
    private var wasSent = false
    /// It wanted other headers, and its tools have been listed again for that.
    private var hasListedAgain = false
    private var rounds: CallRounds?
    private var questions: CallQuestions?
    private var clock: CallClock

    var isWaiting: Bool { unsafe continuation != nil }

    init(
        _ call: UpstreamCall, session: HTTPSession, client: HTTPClient,
        _ continuation: UnsafeContinuation<UpstreamAnswer, Never>
    ) {
        self.call = call
        self.session = session
        self.client = client
        clock = CallClock(limit: call.hardLimit)
        unsafe self.continuation = unsafe continuation
    }

    func start() {
        call.cancel.onCancel { [weak self] _ in
            guard let self else { return }
            self.client.loop.perform { self.cancel() }
        }
        rounds = CallRounds(call.input, host: self, loop: client.loop)
        questions = CallQuestions(call.input, host: self, loop: client.loop)
        open()
    }

    private func open() {
        guard isWaiting else { return }
        openings += 1
        proceed()
    }

    func proceed() {
        let level = call.notices?.logLevel
        if let ready = session.readyNow, !session.owesLevel(level, in: ready.opened),
            questions == nil || !session.owesStream(ready.opened)
        {
            return send(in: ready)
        }
        Task(executorPreference: client.loop) { [session, client] in
            switch await session.prepare(client) {
            case .success(let ready):
                await session.ask(for: level, client, in: ready.opened)
                if self.questions != nil { await session.listenForQuestions(client, in: ready) }
                self.send(in: ready)
            case .failure(let trouble):
                self.finish(
                    .failed(self.wasSent ? .unknown : .notExecuted, reason: trouble.description))
            }
        }
    }

    private func send(in ready: HTTPSession.Ready) {
        guard isWaiting, !isCancelled else { return }
        let opened = ready.opened
        credential = ready.credential
        // INVARIANT: what may have been carried out is never sent again.
        if let doubted, doubted.version == opened.version { return finish(doubted.answer) }
        doubted = nil
        let left = clock.start(nowNanoseconds: client.loop.nowNanoseconds)
        guard left > .zero else { return finish(.timedOut(wasSent ? .unknown : .notExecuted)) }
        self.opened = opened
        if questions != nil, !opened.version.isModern { session.entered(self) }
        id = session.shared.nextID()
        var request = self.request(in: opened)
        request.idleLimit = call.idleLimit
        request.hardLimit = left
        let post = MCPPost(
            client: client, id: id, onMessage: { self.take($0) },
            onOutcome: { self.end($0, $1) })
        self.post = post
        post.start(request)
    }

    private func request(in opened: HTTPSession.Opened) -> ClientRequest {
        let tool = call.address.tool
        let wantsProgress = call.notices?.wantsProgress == true
        guard opened.version.isModern else {
            let body = UpstreamMessages.callTool(
                id: id, name: tool.text, arguments: call.arguments,
                wantsProgress: wantsProgress)
            return session.request(body, in: opened, credential)
        }
        let envelope = session.shared.envelope(
            opened.version, declaring: rounds?.declared ?? [:], logLevel: call.notices?.logLevel)
        let body = UpstreamMessages.callTool(
            id: id, name: tool.text, arguments: call.arguments,
            wantsProgress: wantsProgress, envelope, retry: rounds?.retry)
        let parameters = session.shared.headers(of: tool)
        let arguments =
            parameters.isEmpty
            ? nil : try? JSONValue(parsing: call.arguments, limits: .upstream).object
        return session.request(
            body, in: opened,
            headers: envelope.headers(
                of: "tools/call", name: tool.text, parameters: parameters,
                arguments: arguments ?? [:]), credential)
    }

    private func take(_ message: JSONRPCMessage) {
        if case .request(let asked) = message, opened?.version.isModern == false, isWaiting,
            questions?.take(asked) == true
        {
            return
        }
        session.take(message, client, in: opened, of: (id, call.notices))
    }

    // MARK: the end of a round

    private func end(_ head: ClientHead, _ outcome: MCPPost.Outcome) {
        guard isWaiting else { return }
        clock.stop(nowNanoseconds: client.loop.nowNanoseconds)
        if case .failed(let failure) = outcome {
            return failed(failure)
        }
        wasSent = true
        switch outcome {
        case .failed: return
        case .result(let result): answered(result)
        case .error(let error): refused(200, error, outcome)
        case .accepted: finish(.failed(.unknown, reason: "the upstream did not answer"))
        case .garbage(let reason): finish(.failed(.unknown, reason: reason))
        case .refused(let status, let error):
            guard !isCancelled, credentialTries.take(status) else {
                return refused(status, error, outcome)
            }
            Task(executorPreference: client.loop) { [session, credential] in
                let mayTry = await session.mayTryAgain(credential, status, head)
                self.turnedAway(status, error, outcome, mayTry)
            }
        }
    }

    private func answered(_ result: JSONObject) {
        guard opened?.version.isModern == true else {
            return finish(.result(result, bytes: result.serialized()))
        }
        post = nil
        rounds?.take(result)
    }

    /// For its credential: the call was not carried out. Once more, as a new id, where that may help.
    private func turnedAway(
        _ status: Int, _ error: JSONRPCError?, _ outcome: MCPPost.Outcome, _ mayTry: Bool
    ) {
        guard isWaiting else { return }
        guard mayTry, !isCancelled else { return refused(status, error, outcome) }
        wasSent = rounds?.retry != nil
        post = nil
        proceed()
    }

    private func refused(_ status: Int, _ error: JSONRPCError?, _ outcome: MCPPost.Outcome) {
        let isModern = opened?.version.isModern == true
        if let opened, openings == 1, !isCancelled {
            switch session.contradiction(opened, in: outcome) {
            case .none: break
            // The call was not carried out: once more, as a new id.
            case .sessionIsGone:
                wasSent = rounds?.retry != nil
                return open()
            case .otherEra:
                doubted = (opened.version, Self.answer(status, error, isModern: isModern))
                return open()
            }
        }
        guard !isModern, let error, status == 200 || status == 400 else {
            let answer = Self.answer(status, error, isModern: isModern)
            guard error?.code == JSONRPCError.headerMismatch, status == 400 else {
                return finish(answer)
            }
            return listAgain(else: answer)
        }
        post = nil
        rounds?.take(error)
    }

    /// The call was not carried out. Its headers are made of what was reviewed, so it goes out once more, as
    /// a new id, only where the server still lists the tool as it was.
    private func listAgain(else answer: UpstreamAnswer) {
        guard !hasListedAgain, !isCancelled else { return finish(answer) }
        hasListedAgain = true
        wasSent = rounds?.retry != nil
        post = nil
        let tool = call.address.tool
        let known = session.shared.definition(of: tool)
        Task(executorPreference: client.loop) { [session] in
            let listed = await session.listTools()
            // What differs is hidden as soon as it is compared with the pins.
            session.shared.toolListChanged()
            guard case .success(let list) = listed, let known, list.definition(of: tool) == known
            else { return self.finish(answer) }
            self.proceed()
        }
    }

    private static func answer(
        _ status: Int, _ error: JSONRPCError?, isModern: Bool
    ) -> UpstreamAnswer {
        if let error, status == 200 || status == 400 || status == 404 && isModern {
            if isModern, let answer = UpstreamAnswer(unmet: error) { return answer }
            return .rpcError(code: error.code, message: error.message)
        }
        // These say that the request was turned away; anything else leaves it open.
        let turnedAway = [400, 401, 403, 404, 405, 406, 413, 415, 421, 429, 431]
        return .failed(
            turnedAway.contains(status) ? .notExecuted : .unknown,
            reason: "the upstream answered with status \(status)")
    }

    private func failed(_ failure: ClientFailure) {
        let outcome: UpstreamOutcome = wasSent || failure.wasSent ? .unknown : .notExecuted
        switch failure.kind {
        case .idle, .hard:
            if failure.wasSent { tellCancelled("timeout") {} }
            finish(.timedOut(outcome))
        case .cancelled: finish(.cancelled(confirmed: outcome == .notExecuted))
        case .broken, .tooLarge: finish(.failed(outcome, reason: failure.reason))
        }
    }

    // MARK: questions of a legacy server

    /// One that came on the session's standing stream, from any loop.
    func takeStanding(_ asked: JSONRPCRequest) {
        client.loop.perform {
            if self.isWaiting, self.questions?.take(asked) == true { return }
            self.session.send(UpstreamMessages.answer(to: asked), self.client, in: self.opened)
        }
    }

    func pause() { post?.pause() }
    func resume() { post?.resume() }

    func tell(_ answer: [UInt8]) {
        if isWaiting { session.send(answer, client, in: opened) }
    }

    func abandon(_ reason: String) {
        guard isWaiting, !isCancelled else { return }
        let post = post
        tellCancelled(reason) { post?.cancel() }
        finish(.failed(.unknown, reason: reason))
    }

    // MARK: cancelling

    /// Tells the upstream, then closes the stream. An answer that comes in between counts.
    private func cancel() {
        guard isWaiting, !isCancelled else { return }
        isCancelled = true
        guard let post, post.wasSent else {
            let post = post
            finish(.cancelled(confirmed: !wasSent))
            post?.cancel()
            return
        }
        tellCancelled("the caller has cancelled") { post.cancel() }
    }

    /// In the modern era the end of the stream says so.
    private func tellCancelled(_ reason: String, then: @escaping () -> Void) {
        if opened?.version.isModern == true { return then() }
        session.send(
            UpstreamMessages.cancelled(id: id, reason: reason), client, in: opened, then: then)
    }

    func finish(_ answer: UpstreamAnswer) {
        if questions != nil { session.left(self) }
        // The post knows this call as this call knows the post: one of them has to let go.
        post = nil
        let waiting = unsafe continuation
        unsafe continuation = nil
        unsafe waiting?.resume(returning: answer)
    }
}
