import InterlockPorts
import Synchronization

/// The lifetime of one response that stays open until its client leaves or it is ended.
final class StreamLife: Sendable {
    private enum State {
        case open
        case waited(CheckedContinuation<Void, Never>)
        case over
    }
    private let state = Mutex(State.open)

    init(of exchange: any Exchange) { exchange.onClose { [weak self] in self?.end() } }

    func untilOver() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if case .over = state { return true }
                state = .waited(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    func end() {
        let before = state.withLock { state in
            defer { state = .over }
            return state
        }
        if case .waited(let continuation) = before { continuation.resume() }
    }
}
