import InterlockJSON
import InterlockMCP
import InterlockPorts
import Synchronization

extension HTTPSession {
    /// - Parameter headers: headers that repeat the body, in the modern era.
    func request(
        _ body: [UInt8], in opened: Opened?, headers more: [(name: String, value: String)] = [],
        _ credential: UpstreamCredential?
    ) -> ClientRequest {
        var headers: [(name: String, value: String)] = [
            ("Content-Type", StreamableHTTP.json),
            ("Accept", StreamableHTTP.accept),
        ]
        if let opened, !opened.version.isModern {
            headers.append(("MCP-Protocol-Version", opened.version.rawValue))
            if let id = opened.sessionID { headers.append(("Mcp-Session-Id", id)) }
        }
        headers += more
        if let credential {
            headers.append((credential.header, credential.value))
        }
        let patience = limits.handshake
        var request = ClientRequest(
            url: url, headers: headers, body: body, idleLimit: patience, hardLimit: patience)
        request.owner = shared.configuration.owner
        request.allowsPrivateNames = shared.configuration.allowsPrivateNames
        return request
    }

    func exchange(
        _ client: HTTPClient, _ body: [UInt8], id: Int64?, in opened: Opened?,
        headers: [(name: String, value: String)] = [], _ credential: UpstreamCredential?
    ) async -> (ClientHead, MCPPostExchange.Outcome) {
        await withCheckedContinuation { continuation in
            MCPPostExchange(
                client: client, id: id,
                onMessage: { self.take($0, client, in: opened) },
                onOutcome: { continuation.resume(returning: ($0, $1)) }
            ).start(request(body, in: opened, headers: headers, credential))
        }
    }

    /// Handles a message other than the awaited answer.
    ///
    /// - Parameter call: the call on that stream, and the receiver of its notifications.
    func take(
        _ message: JSONRPCMessage, _ client: HTTPClient, in opened: Opened?,
        of call: (id: Int64, notices: (any NotificationSink)?)? = nil
    ) {
        switch message {
        case .notification(let method, let params):
            switch UpstreamNotification(method: method, params: params) {
            case .progress(let token, let params):
                if let call, call.id == token { call.notices?.progress(params) }
            case .message(let params): call?.notices?.log(params)
            case .listChanged: shared.listsChanged(of: key)
            case .resourceUpdated(let uri): heard(uri)
            case .other: return
            }
        case .request(let asked):
            if opened?.version.isModern == true {
                shared.note(.strayRequest)
            } else {
                send(UpstreamMessages.answer(to: asked), client, in: opened)
            }
        case .result, .error: shared.note(.strayAnswer)
        }
    }

    /// Sends a message without waiting long for its result. If its credential must be fetched first, the message is
    /// sent afterwards, and is dropped if that fails: a session id is never sent without its credential.
    ///
    /// - Parameters:
    ///   - id: the id of a request, or nil if the message has no answer.
    ///   - then: called once, when the message is done or given up; the outcome is nil if it was given up.
    func send(
        _ body: [UInt8], _ client: HTTPClient, in opened: Opened?, id: Int64? = nil,
        then: @escaping (MCPPostExchange.Outcome?) -> Void = { _ in }
    ) {
        switch shared.credentials.known(key.agent) {
        case .none: post(body, client, in: opened, id: id, nil, then: then)
        case .ready(let credential):
            post(body, client, in: opened, id: id, credential, then: then)
        case .toGet:
            let through = Once(then)
            _ = client.loop.schedule(after: limits.cancelling) { through.run(nil) }
            Task(executorPreference: client.loop) {
                guard case .success(let credential) = await self.credential() else {
                    return through.run(nil)
                }
                self.post(body, client, in: opened, id: id, credential) { through.run($0) }
            }
        }
    }

    private func post(
        _ body: [UInt8], _ client: HTTPClient, in opened: Opened?, id: Int64?,
        _ credential: UpstreamCredential?, then: @escaping (MCPPostExchange.Outcome?) -> Void
    ) {
        var request = request(body, in: opened, credential)
        request.hardLimit = limits.cancelling
        MCPPostExchange(client: client, id: id, onMessage: { _ in }, onOutcome: { then($1) })
            .start(request)
    }

    func trouble(_ outcome: MCPPostExchange.Outcome) -> UpstreamFailure {
        switch outcome {
        case .result: UpstreamFailure("an answer to another question", wasSent: true)
        case .error(let error):
            UpstreamFailure("error \(error.code): \(error.message)", wasAnswered: true)
        case .accepted: UpstreamFailure("the server did not answer", wasSent: true)
        case .refused(let status, let error):
            UpstreamFailure(
                "status \(status)" + (error.map { ": " + $0.message } ?? ""),
                wasAnswered: error != nil)
        case .failed(let failure): UpstreamFailure(failure.reason, wasSent: failure.wasSent)
        case .garbage(let reason):
            UpstreamFailure(reason, wasSent: true, wasAnswered: true)
        case .exceeded(let excess):
            UpstreamFailure(excess.reason, wasSent: true, wasAnswered: true)
        case .interrupted: UpstreamFailure("the stream ended before the answer", wasSent: true)
        }
    }
}

extension HTTPSession {
    /// Returns true if a legacy server must be asked for more log messages before a call at this level.
    func owesLevel(_ wanted: LogLevel?, in opened: Opened) -> Bool {
        opened.hasLogging && levels(in: opened) { $0.owes(wanted) }
    }

    /// Sends the request for the level, and waits briefly for its result.
    func ask(for wanted: LogLevel?, _ client: HTTPClient, in opened: Opened) async {
        guard let wanted, opened.hasLogging, levels(in: opened, { $0.ask(for: wanted) }) else {
            return
        }
        let id = shared.nextID()
        let isAgreed = await withCheckedContinuation {
            (continuation: CheckedContinuation<Bool, Never>) in
            send(
                UpstreamMessages.setLevel(id: id, wanted), client, in: opened, id: id,
                then: { outcome in
                    let isAgreed = if case .result? = outcome { true } else { false }
                    continuation.resume(returning: isAgreed)
                })
        }
        _ = levels(in: opened) { $0.answered(wanted, isAgreed: isAgreed) }
    }

    /// Discards the agreement of earlier openings; late results of an old opening are ignored.
    private func levels(in opened: Opened, _ body: (inout LevelAgreement) -> Bool) -> Bool {
        agreement.withLock { agreement in
            guard opened.generation >= agreement.generation else { return false }
            if opened.generation > agreement.generation {
                agreement = (opened.generation, LevelAgreement())
            }
            return body(&agreement.levels)
        }
    }
}
