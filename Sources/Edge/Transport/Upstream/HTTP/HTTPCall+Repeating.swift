import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// Refusals after which a call that was certainly not executed is sent once more, and streams that are resumed.
extension HTTPCall {
    /// Handles a refusal for its credential: the call was not executed. Sends it once more, with a new id, if that may
    /// help.
    func turnedAway(
        _ status: Int, _ error: JSONRPCError?, _ outcome: MCPPostExchange.Outcome,
        _ verdict: CredentialVerdict
    ) {
        guard isWaiting else { return }
        if case .refuse(let failure) = verdict, !isCancelled {
            let wasSent = rounds?.retry != nil
            return finish(.failed(wasSent ? .unknown : .notExecuted, reason: failure.reason))
        }
        guard verdict == .again, !isCancelled else { return refused(status, error, outcome) }
        wasSent = rounds?.retry != nil
        post = nil
        proceed()
    }

    /// Handles a call that was not executed because its headers were refused. They follow from the reviewed definition,
    /// so the call is sent once more, with a new id, only if the server still lists the tool unchanged.
    func listAgain(else answer: UpstreamResponse) {
        guard call.request.method == .callTool, !hasListedAgain, !isCancelled else {
            return finish(answer)
        }
        hasListedAgain = true
        wasSent = rounds?.retry != nil
        post = nil
        let tool = call.address.tool
        let known = session.shared.definition(of: tool)
        Task(executorPreference: client.loop) { [session] in
            let listed = await session.list()
            // Changed tools are hidden once they are compared with the pins.
            session.shared.toolListChanged()
            guard case .success(let list) = listed, let known, list.definition(of: tool) == known
            else { return self.finish(answer) }
            self.proceed()
        }
    }

    static let interrupted = "the stream of the answer was interrupted, and does not go on"
    private static let mostInterruptions = 100

    /// Resumes the stream of a legacy server that broke, or that the server closed to be polled later (2025-11-25). The
    /// call itself is at the server and is not sent again.
    func goOn(after last: String, in pause: Duration) {
        post = nil
        guard !isCancelled else { return finish(.cancelled(confirmed: false)) }
        interruptions += 1
        // The pause counts towards the time limit.
        let left = clock.start(nowNanoseconds: client.loop.nowNanoseconds)
        guard left > .zero else { return finish(.timedOut(.unknown)) }
        guard interruptions <= Self.mostInterruptions else {
            return finish(.failed(.unknown, reason: Self.interrupted))
        }
        isAway = true
        _ = client.loop.schedule(after: pause) { self.comeBack(last) }
    }

    private func comeBack(_ last: String) {
        guard isWaiting, !isCancelled, let opened else { return }
        isAway = false
        clock.stop(nowNanoseconds: client.loop.nowNanoseconds)
        let left = clock.start(nowNanoseconds: client.loop.nowNanoseconds)
        guard left > .zero else { return finish(.timedOut(.unknown)) }
        var request = session.request(
            [], in: opened, headers: [("Last-Event-ID", last)], credential)
        request.method = "GET"
        request.headers.removeAll { $0.name == "Content-Type" }
        post(request, in: opened, left: left)
    }
}
