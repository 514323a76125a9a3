import Synchronization

/// Counts the children that a halt has ended until each of them is gone, with its whole group.
package final class EndingChildren: Sendable {
    private let checks = Mutex<[@Sendable () -> Bool]>([])

    package init() {}

    /// Sessions of which some child is not gone.
    package var left: Int {
        checks.withLock { checks in
            checks.removeAll { $0() }
            return checks.count
        }
    }

    /// - Parameter areGone: whether a session's children are gone; asked until it is true, and must not block.
    package func add(_ areGone: @escaping @Sendable () -> Bool) {
        checks.withLock { $0.append(areGone) }
    }
}
