import Synchronization

/// Counts the operations of parsers, for tests of the cost of input: bytes passed, keys hashed and compared. Compiled
/// only into debug builds and fuzzers.
package enum Steps {
    #if DEBUG || COUNT_STEPS
        private final class Counter: Sendable {
            let steps = Atomic<Int>(0)
        }
        @TaskLocal private static var counter: Counter?
    #endif

    @inline(__always)
    package static func count(_ steps: @autoclosure () -> Int) {
        #if DEBUG || COUNT_STEPS
            if let counter { counter.steps.wrappingAdd(steps(), ordering: .relaxed) }
        #endif
    }

    /// - Returns: the number of steps that the action took, or nil in a build that does not count.
    package static func counted(_ action: () -> Void) -> Int? {
        #if DEBUG || COUNT_STEPS
            let counter = Counter()
            $counter.withValue(counter, operation: action)
            return counter.steps.load(ordering: .relaxed)
        #else
            action()
            return nil
        #endif
    }
}
