import Synchronization

/// Notifies its listeners that something changed, but not what. Several changes may be merged into one notification.
package final class ChangeNotifier: Sendable {
    private struct State {
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var number = 0
    }
    private let state = Mutex(State())

    package init() {}

    package var listenerCount: Int { state.withLock { $0.listeners.count } }

    package func tell() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
    }

    /// Returns a stream with one element after a change. The listener is removed when its reader drops the stream.
    package func changes() -> AsyncStream<Void> {
        let (stream, listener) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
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
