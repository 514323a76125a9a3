import Synchronization

/// Items of parts that exist before their listener. Each item waits until there is a listener.
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

    /// Delivers all items from now on, and those from before this call.
    func deliver(to hear: @escaping Hear) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.hear = hear
            return state.waiting
        }
        for item in waiting { hear(item) }
    }
}
