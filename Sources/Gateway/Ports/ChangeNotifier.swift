import Synchronization

/// Tells its listeners of changes. Several changes may be merged into one notification, that of the latest.
package final class ChangeNotifier<Change: Sendable>: Sendable {
    private struct State {
        var listeners: [Int: AsyncStream<Change>.Continuation] = [:]
        var number = 0
    }
    private let state = Mutex(State())

    package init() {}

    package var listenerCount: Int { state.withLock { $0.listeners.count } }

    package func tell(_ change: Change) {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(change) }
    }

    /// Returns a stream with one element after a change. The listener is removed when its reader drops the stream.
    package func changes() -> AsyncStream<Change> {
        let (stream, listener) = AsyncStream.makeStream(
            of: Change.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.number += 1
            state.listeners[state.number] = listener
            return state.number
        }
        listener.onTermination = { [weak self] _ in
            self?.state.withLock { $0.listeners[number] = nil }
        }
        return stream
    }
}

extension ChangeNotifier<Void> {
    package func tell() { tell(()) }
}
