import InterlockMCP
import InterlockModel
import InterlockPorts

extension HTTPCall {
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
