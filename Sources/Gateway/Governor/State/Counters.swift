import InterlockMCP
package import Synchronization

/// What `/metrics` counts. Relaxed: the numbers are for people, nothing is decided from them.
package final class Counters: Sendable {
    package let requests = Atomic<Int>(0)
    package let allowed = Atomic<Int>(0)
    package let denied = Atomic<Int>(0)
    package let halted = Atomic<Int>(0)
    package let unauthenticated = Atomic<Int>(0)
    package let malformed = Atomic<Int>(0)
    package let upstreamFailures = Atomic<Int>(0)
    package let withheld = Atomic<Int>(0)
    package let listsServed = Atomic<Int>(0)
    /// Runs that breakers slowed down, and paused.
    package let throttles = Atomic<Int>(0)
    package let pauses = Atomic<Int>(0)
    /// Progress and log messages that came too fast or made no sense.
    package let noticesDropped = Atomic<Int>(0)
    /// Calls whose agent said what led to them, and those whose agent did not.
    package let withContext = Atomic<Int>(0)
    package let withoutContext = Atomic<Int>(0)

    /// Of the last halt, from the order to this gateway's answer; 0 before the first.
    package let killPropagationMicroseconds = Atomic<Int>(0)
    /// When the last drill that counts had ended, in seconds since 1970; 0 without one.
    package let drillLastPassSeconds = Atomic<Int>(0)

    package init() {}

    func count(context: CallContext?) {
        if context == nil { withoutContext.count() } else { withContext.count() }
    }
}

extension Atomic where Value == Int {
    package func count() { wrappingAdd(1, ordering: .relaxed) }
    package var value: Int { load(ordering: .relaxed) }
}
