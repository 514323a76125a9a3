import InterlockEgress
import InterlockPorts

/// The requests of both listeners.
extension EgressSession {
    /// Reads the request. Returns nil if the connection ended, or was served here.
    func receive() async throws(EgressRefusal) -> Order? {
        switch listener {
        case .http: try await receiveHTTP()
        case .socks: try await receiveSOCKS()
        }
    }

    private func receiveHTTP() async throws(EgressRefusal) -> Order? {
        var reader = ProxyHeadReader()
        let deadline = deadline(after: limits.head)
        while let bytes = try await next(until: deadline) {
            guard let reading = try reader.read(bytes) else { continue }
            if let password = proxy.parts.password, !password.accepts(reading.authorization) {
                await send(ProxyPassword.challenge)
                await linger()
                return nil
            }
            switch reading.request {
            case .tunnel(let target):
                return Order(attempt: attempt(target, .tunnel), body: reading.rest)
            case .forward(let request):
                // Bytes after the body would be a second request.
                let body = reading.rest.prefix(Int(clamping: request.bodyLength))
                let asked = attempt(request.target, .http)
                return Order(
                    attempt: asked,
                    head: isReadWhole(asked) ? request.head : request.headWithExpectation,
                    body: Array(body), bodyLength: request.bodyLength,
                    expectsContinue: request.expectsContinue)
            case .own:
                if proxy.serveOwn(client, received: reading.head + reading.rest) { return nil }
                await sendNotFound()
                return nil
            case .notFound:
                await sendNotFound()
                return nil
            }
        }
        return nil
    }

    /// True if the request is read whole, since it is searched before the connection is allowed.
    func isReadWhole(_ attempt: EgressAttempt) -> Bool {
        attempt.access == .http && proxy.parts.readsRequests
    }

    /// Reads the rest of a body that is searched.
    ///
    /// - Returns: the request, or nil if it is not read whole.
    func readWhole(_ order: inout Order) async throws(EgressRefusal) -> SentRequest? {
        guard isReadWhole(order.attempt) else { return nil }
        let length = order.bodyLength ?? 0
        guard length <= UInt64(SentRequest.longestBody) else {
            throw EgressRefusal(.limit, "the body is longer than is searched")
        }
        if order.body.count < Int(length), order.expectsContinue {
            await send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        let deadline = deadline(after: limits.body)
        while order.body.count < Int(length) {
            switch await client.receive(until: deadline) {
            // Bytes after the body would be a second request.
            case .bytes(let bytes): order.body += bytes.prefix(Int(length) - order.body.count)
            case .end, .failed:
                throw EgressRefusal(.badRequest, "the client ended before the end of its body")
            case .timedOut: throw EgressRefusal(.limit, "the body took too long")
            }
        }
        guard let sent = SentRequest(head: order.head, body: order.body) else {
            throw EgressRefusal(.limit, "the request is longer than is searched")
        }
        return sent
    }

    private func receiveSOCKS() async throws(EgressRefusal) -> Order? {
        var reader = SOCKSReader()
        let deadline = deadline(after: limits.head)
        if let password = proxy.parts.password {
            guard let rest = try await checkPassword(password, until: deadline) else { return nil }
            reader = SOCKSReader(afterGreeting: rest)
            let event = try reader.read([])
            if case .target(let target, let rest) = event {
                return Order(attempt: attempt(target, .tunnel), body: rest)
            }
        }
        while let bytes = try await next(until: deadline) {
            var event = try reader.read(bytes)
            if event == .greeted {
                guard await send(SOCKSReader.noAuthentication) else { return nil }
                event = try reader.read([])
            }
            switch event {
            case .needMore, .greeted: continue
            case .noMethod:
                await send(SOCKSReader.noMethod)
                await linger()
                return nil
            case .target(let target, let rest):
                return Order(attempt: attempt(target, .tunnel), body: rest)
            }
        }
        return nil
    }

    /// Returns the bytes after the password, or nil if the connection ended, or was refused here.
    private func checkPassword(
        _ password: ProxyPassword, until deadline: UInt64
    ) async throws(EgressRefusal) -> [UInt8]? {
        var reader = SOCKSPasswordReader(password)
        while let bytes = try await next(until: deadline) {
            var event = try reader.read(bytes)
            if event == .greeted {
                guard await send(SOCKSPasswordReader.passwordMethod) else { return nil }
                event = try reader.read([])
            }
            switch event {
            case .needMore, .greeted: continue
            case .accepted(let rest):
                return await send(SOCKSPasswordReader.accepted) ? rest : nil
            case .noMethod, .refused:
                await send(event == .refused ? SOCKSPasswordReader.refused : SOCKSReader.noMethod)
                await linger()
                return nil
            }
        }
        return nil
    }

    /// Returns nil if the client ended the connection.
    private func next(until deadline: UInt64) async throws(EgressRefusal) -> [UInt8]? {
        switch await client.receive(until: deadline) {
        case .bytes(let bytes): return bytes
        case .end, .failed: return nil
        case .timedOut: throw EgressRefusal(.limit, "the request took too long")
        }
    }

    private func attempt(_ target: EgressTarget, _ access: EgressAccess) -> EgressAttempt {
        EgressAttempt(run: proxy.parts.run, number: number, target: target, access: access)
    }

    private func sendNotFound() async {
        await send(
            Array(
                ("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    + "Content-Length: 10\r\nConnection: close\r\n\r\nnot found\n").utf8))
        await linger()
    }
}
