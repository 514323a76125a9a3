import InterlockClusterNodes
import Synchronization

/// Passes the notifications of a node to several listeners, in the order in which they were added. One that comes later
/// gets what happens from then on.
final class ListenerGroup: NodeListener {
    private let listeners = Mutex<[any NodeListener]>([])

    func add(_ listener: any NodeListener) { listeners.withLock { $0.append(listener) } }

    func receive(_ notification: NodeNotification) {
        for listener in listeners.withLock({ $0 }) { listener.receive(notification) }
    }
}
