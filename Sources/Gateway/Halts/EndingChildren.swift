import Synchronization

/// Counts the children that a halt has ended until each of them is gone, with its whole group.
package final class EndingChildren: Sendable {
    private let children = Atomic<Int>(0)

    package init() {}

    package var left: Int { children.load(ordering: .acquiring) }
    package func begin() { children.wrappingAdd(1, ordering: .acquiringAndReleasing) }
    package func end() { children.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
}
