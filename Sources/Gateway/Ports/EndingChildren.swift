import Synchronization

/// Counts the sessions whose children a halt has ended, until each child and its whole process group are gone.
package final class EndingChildren: Sendable {
    private let checks = Mutex<[@Sendable () -> Bool]>([])

    package init() {}

    /// The number of sessions with a child that is not gone.
    package var left: Int {
        checks.withLock { checks in
            checks.removeAll { $0() }
            return checks.count
        }
    }

    /// - Parameter areGone: whether a session's children are gone; called until it returns true, and must not block.
    package func add(_ areGone: @escaping @Sendable () -> Bool) {
        checks.withLock { $0.append(areGone) }
    }
}
