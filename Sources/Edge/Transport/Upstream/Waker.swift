import Synchronization

/// Sleeps until it is woken or a time has passed. Only one task may sleep at a time.
final class Waker: Sendable {
    private struct State {
        var sleeper: CheckedContinuation<Void, Never>?
        var isWoken = false
        /// The number of the sleep: its timer must not end a later one.
        var turn = 0
    }
    private let loop: EventLoop
    private let state = Mutex(State())

    init(loop: EventLoop) { self.loop = loop }

    /// Returns at once if `wake` was called since the last return.
    func wait(_ time: Duration) async {
        await withCheckedContinuation { continuation in
            let turn = state.withLock { state -> Int? in
                if state.isWoken { return nil }
                state.sleeper = continuation
                state.turn += 1
                return state.turn
            }
            guard let turn else { return continuation.resume() }
            loop.perform { _ = self.loop.schedule(after: time) { self.timeIsOver(turn) } }
        }
        state.withLock { $0.isWoken = false }
    }

    func wake() { end { _ in true } }

    private func timeIsOver(_ turn: Int) { end { $0 == turn } }

    private func end(_ applies: (Int) -> Bool) {
        let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard applies(state.turn) else { return nil }
            state.isWoken = true
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }
}
