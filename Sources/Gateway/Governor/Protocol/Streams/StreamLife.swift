import InterlockPorts
import Synchronization

/// The lifetime of one response that stays open until its client leaves or it is ended.
final class StreamLife: Sendable {
    private enum State {
        case open
        case watched(@Sendable () -> Void)
        case over
    }
    private let state = Mutex(State.open)

    init(of exchange: any Exchange) { exchange.onClose { [weak self] in self?.end() } }

    func untilOver() async {
        await withCheckedContinuation { continuation in whenOver { continuation.resume() } }
    }

    /// Runs `handler` once, on the thread that ends the response; at once if it is over. `untilOver` keeps the frames of
    /// all functions that wait for it, this keeps none.
    func whenOver(_ handler: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if case .over = state { return true }
            state = .watched(handler)
            return false
        }
        if isOver { handler() }
    }

    func end() {
        let before = state.withLock { state in
            defer { state = .over }
            return state
        }
        if case .watched(let handler) = before { handler() }
    }
}
