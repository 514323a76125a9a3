import InterlockMCP
import Synchronization

/// The stream on which the gateway may speak by itself: open until its client leaves or it is ended.
final class SessionStream: Sendable {
    private enum State {
        case open
        case waited(CheckedContinuation<Void, Never>)
        case over
    }

    let exchange: any Exchange
    let owner: SessionOwner
    private let state = Mutex(State.open)

    init(exchange: any Exchange, owner: SessionOwner) {
        self.exchange = exchange
        self.owner = owner
    }

    func untilOver() async {
        exchange.onClose { [weak self] in self?.end() }
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
        if case .over = before { return }
        exchange.endEvents()
        if case .waited(let continuation) = before { continuation.resume() }
    }
}
