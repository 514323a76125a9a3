import InterlockJSON
import InterlockMCP
import InterlockPorts

extension StdioSession {
    /// Performs a step of the negotiation, until a child is running or given up.
    func take(_ step: EraNegotiation.Step, _ process: StdioProcess) {
        guard case .starting = state, self.process === process else { return }
        let id = shared.nextID()
        switch step {
        case .discover(let version):
            let message = UpstreamMessages.discover(id: id, shared.envelope(version))
            ask(process, id, message, patience: limits.probe) {
                self.take(self.negotiation.probed($0.forNegotiation), process)
            }
        case .initialize(let version):
            let hello = UpstreamMessages.initialize(
                id: id, version: version, clientVersion: shared.clientVersion,
                capabilities: key.declared)
            ask(process, id, hello, patience: limits.handshake) {
                self.take(self.negotiation.greeted($0.forNegotiation), process)
            }
        case .restart:
            startsAgain = true
            // It has ended, or only closed its stdin.
            process.kill("it takes no messages")
        case .opened(let handshake): check(process, handshake)
        case .failed(let reason):
            shared.failed(by: key)
            process.kill(reason)
            refuse(reason)
        }
    }

    /// Checks that the child's code was not written between the check before its launch and its first answer; otherwise
    /// nothing it sent is used.
    private func check(_ process: StdioProcess, _ handshake: UpstreamHandshake) {
        guard let changes else { return opened(process, handshake) }
        self.changes = nil
        Task(executorPreference: loop) {
            let change = await changes()
            self.loop.perform {
                guard case .starting = self.state, self.process === process else { return }
                guard let change else { return self.opened(process, handshake) }
                process.kill(change)
                process.halt()
                self.shared.note(.otherCode(change))
                self.refuse("the server is stopped: \(change)")
            }
        }
    }

    private func opened(_ process: StdioProcess, _ handshake: UpstreamHandshake) {
        guard case .starting(let waiting) = state else { return }
        process.handshake = handshake
        shared.learned(handshake, by: key)
        if !handshake.version.isModern { process.notify(UpstreamMessages.initialized()) }
        state = .running(process)
        listen(to: process, handshake)
        hasOpened()
        rest()
        for then in waiting { then(.success(process)) }
    }

    /// Listens for changes of lists; a legacy child announces them unasked.
    private func listen(to process: StdioProcess, _ handshake: UpstreamHandshake) {
        guard handshake.version.isModern, !handshake.changing.isEmpty else { return }
        let id = shared.nextID()
        // The answer ends the subscription; changes are then found by the periodic listing.
        let asked = UpstreamMessages.listen(
            id: id, to: handshake.changing, shared.envelope(handshake.version))
        process.request(id, asked) { _ in }
    }

    enum Answer {
        case reply(StdioProcess.Response)
        case late(wasSent: Bool)

        var forNegotiation: EraNegotiation.Answer {
            switch self {
            case .reply(.result(let result)): .result(result)
            case .reply(.error(let error)): .error(error)
            case .reply(.garbage(let reason)): .garbage(reason)
            case .reply(.exceeded(let excess)): .garbage(excess.reason)
            case .reply(.ended(let reason, _)):
                .ended("the server ended while it was started: \(reason)")
            case .late: .silence
            }
        }

        /// The result, for requests of the gateway itself.
        var result: Result<JSONObject, UpstreamFailure> {
            switch self {
            case .reply(.result(let result)): .success(result)
            case .reply(.error(let error)):
                .failure(
                    UpstreamFailure("error \(error.code): \(error.message)", wasAnswered: true))
            case .reply(.garbage(let reason)):
                .failure(UpstreamFailure(reason, wasSent: true, wasAnswered: true))
            case .reply(.exceeded(let excess)):
                .failure(UpstreamFailure(excess.reason, wasSent: true, wasAnswered: true))
            case .reply(.ended(let reason, let wasSent)):
                .failure(
                    UpstreamFailure(
                        "the server ended: \(reason)", wasSent: wasSent, hasNoChild: true))
            case .late(let wasSent):
                .failure(UpstreamFailure("the server did not answer in time", wasSent: wasSent))
            }
        }
    }

    /// Sends a request of the gateway itself.
    func ask(
        _ process: StdioProcess, _ id: Int64, _ bytes: [UInt8], patience: Duration,
        _ then: @escaping (Answer) -> Void
    ) {
        let timer = loop.schedule(after: patience) { then(.late(wasSent: process.forget(id))) }
        process.request(id, bytes) { [loop] reply in
            loop.cancel(timer)
            then(.reply(reply))
        }
    }
}
