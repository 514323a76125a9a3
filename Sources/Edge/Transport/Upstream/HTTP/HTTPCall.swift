import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// One call over HTTP, from the port's `call` to its answer. Used on its client's loop.
@safe final class HTTPCall: CallRounds.Host, @unchecked Sendable {
    let call: UpstreamCall
    let session: HTTPSession
    let client: HTTPClient
    /// Is nil once the call is answered, so that it is answered only once.
    private var continuation: UnsafeContinuation<UpstreamResponse, Never>?

    /// The post of the present round.
    var post: MCPPostExchange?
    var id: Int64 = 0
    var opened: HTTPSession.Opened?
    var credential: UpstreamCredential?
    /// The interruptions of the round's stream; `isAway` is true until it is resumed.
    var interruptions = 0
    var isAway = false
    private var credentialTries = CredentialTries()
    private var openings = 0
    /// A refusal that suggests another era. It becomes the answer if the server turns out to speak the same version.
    private var doubted: (version: ProtocolVersion, answer: UpstreamResponse)?
    private(set) var isCancelled = false
    /// True if the server received an earlier round.
    var wasSent = false
    /// True if the tools were listed again because the server expected other headers.
    var hasListedAgain = false
    var rounds: CallRounds?
    private var questions: CallQuestions?
    var clock: CallClock

    var isWaiting: Bool { unsafe continuation != nil }

    init(
        _ call: UpstreamCall, session: HTTPSession, client: HTTPClient,
        _ continuation: UnsafeContinuation<UpstreamResponse, Never>
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
        // INVARIANT: a call that may have been executed is never sent again.
        if let doubted, doubted.version == opened.version { return finish(doubted.answer) }
        doubted = nil
        let left = clock.start(nowNanoseconds: client.loop.nowNanoseconds)
        guard left > .zero else { return finish(.timedOut(wasSent ? .unknown : .notExecuted)) }
        self.opened = opened
        if questions != nil, !opened.version.isModern { session.entered(self) }
        id = session.shared.nextID()
        interruptions = 0
        post(
            session.request(
                call, id: id, in: opened, declaring: rounds?.declared ?? [:], retry: rounds?.retry,
                credential), in: opened, left: left)
    }

    func post(_ request: ClientRequest, in opened: HTTPSession.Opened, left: Duration) {
        var request = request
        request.idleLimit = call.idleLimit
        request.hardLimit = left
        let post = MCPPostExchange(
            client: client, id: id, resumes: opened.version.hasResumption,
            onMessage: { self.take($0) }, onOutcome: { self.end($0, $1) })
        self.post = post
        post.start(request)
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

    private func end(_ head: ClientHead, _ outcome: MCPPostExchange.Outcome) {
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
        case .exceeded(let excess): finish(.exceeded(excess))
        case .interrupted(let last, let pause): goOn(after: last, in: pause)
        // INVARIANT: a refusal to resume a stream says nothing about the call, which is at the server.
        case .refused where interruptions > 0: finish(.failed(.unknown, reason: Self.interrupted))
        case .refused(let status, let error):
            guard !isCancelled, credentialTries.take(status) else {
                session.gaveUp(credential, status)
                return refused(status, error, outcome)
            }
            Task(executorPreference: client.loop) { [session, credential] in
                let verdict = await session.verdict(credential, status, head)
                self.turnedAway(status, error, outcome, verdict)
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

    func refused(_ status: Int, _ error: JSONRPCError?, _ outcome: MCPPostExchange.Outcome) {
        let isModern = opened?.version.isModern == true
        if let opened, openings == 1, !isCancelled {
            switch session.contradiction(opened, in: outcome) {
            case .none: break
            // The call was not executed and is sent once more with a new id.
            case .sessionIsGone:
                wasSent = rounds?.retry != nil
                return open()
            case .otherEra:
                doubted = (opened.version, UpstreamResponse(status, error, isModern: isModern))
                return open()
            }
        }
        guard !isModern, let error, status == 200 || status == 400 else {
            let answer = UpstreamResponse(status, error, isModern: isModern)
            guard error?.code == JSONRPCError.headerMismatch, status == 400 else {
                return finish(answer)
            }
            return listAgain(else: answer)
        }
        post = nil
        rounds?.take(error)
    }

    private func failed(_ failure: ClientFailure) {
        let outcome: UpstreamOutcome = wasSent || failure.wasSent ? .unknown : .notExecuted
        switch failure.kind {
        case .idle, .hard:
            if failure.wasSent { tellCancelled("timeout") {} }
            finish(.timedOut(outcome))
        case .cancelled: finish(.cancelled(confirmed: outcome == .notExecuted))
        case .broken: finish(.failed(outcome, reason: failure.reason))
        case .tooLarge: finish(.exceeded(ResponseExcess(.size, failure.reason)))
        }
    }

    // MARK: questions of a legacy server

    /// Handles a request for input that arrived on the session's standing stream; may be called on any loop.
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

    /// Notifies the upstream, then closes the stream. An answer that arrives in between counts.
    private func cancel() {
        guard isWaiting, !isCancelled else { return }
        isCancelled = true
        guard let post, post.wasSent else {
            let post = post
            if isAway { tellCancelled("the caller has cancelled") {} }
            finish(.cancelled(confirmed: !wasSent))
            post?.cancel()
            return
        }
        tellCancelled("the caller has cancelled") { post.cancel() }
    }

    /// Notifies a legacy server; in the modern era the end of the stream is the notification.
    private func tellCancelled(_ reason: String, then: @escaping () -> Void) {
        if opened?.version.isModern == true { return then() }
        session.send(
            UpstreamMessages.cancelled(id: id, reason: reason), client, in: opened,
            then: { _ in then() })
    }

    func finish(_ answer: UpstreamResponse) {
        if questions != nil { session.left(self) }
        // Breaks the reference cycle between the post and this call.
        post = nil
        let waiting = unsafe continuation
        unsafe continuation = nil
        unsafe waiting?.resume(returning: answer)
    }
}
