import Synchronization

/// News of parts that exist before what hears them. Each waits until then.
final class DeferredNotifications<Item: Sendable>: Sendable {
    typealias Hear = @Sendable (Item) -> Void
    private struct State {
        var hear: Hear?
        var waiting: [Item] = []
    }
    private let state = Mutex(State())

    func tell(_ item: Item) {
        let hear = state.withLock { state -> Hear? in
            if state.hear == nil { state.waiting.append(item) }
            return state.hear
        }
        hear?(item)
    }

    /// From now on, and what was told before this call too.
    func deliver(to hear: @escaping Hear) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.hear = hear
            return state.waiting
        }
        for item in waiting { hear(item) }
    }
}
