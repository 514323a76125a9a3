import Synchronization

/// Counts the operations of parsers, for tests of the cost of input: bytes passed, keys hashed and compared. A program that
/// serves counts nothing.
package enum Steps {
    private final class Counter: Sendable {
        let steps = Atomic<Int>(0)
    }
    @TaskLocal private static var counter: Counter?
    /// True once anything was counted in this process.
    private static let isCounting = Atomic<Bool>(false)

    @inline(__always)
    package static func count(_ steps: @autoclosure () -> Int) {
        if isCounting.load(ordering: .relaxed) { add(steps()) }
    }

    @inline(never)
    private static func add(_ steps: Int) {
        counter?.steps.wrappingAdd(steps, ordering: .relaxed)
    }

    /// - Returns: the number of steps that the action took.
    package static func counted(_ action: () -> Void) -> Int {
        isCounting.store(true, ordering: .relaxed)
        let counter = Counter()
        $counter.withValue(counter, operation: action)
        return counter.steps.load(ordering: .relaxed)
    }
}
