import InterlockMCP
package import Synchronization

/// The counters of `/metrics`. Relaxed: the numbers are for people, and no decision depends on them.
package final class Counters: Sendable {
    package let requests = Atomic<Int>(0)
    package let allowed = Atomic<Int>(0)
    /// The allowed calls that people approved.
    package let approved = Atomic<Int>(0)
    package let denied = Atomic<Int>(0)
    package let halted = Atomic<Int>(0)
    package let unauthenticated = Atomic<Int>(0)
    package let malformed = Atomic<Int>(0)
    package let upstreamFailures = Atomic<Int>(0)
    package let withheld = Atomic<Int>(0)
    package let listsServed = Atomic<Int>(0)
    /// The runs that breakers throttled, and paused.
    package let throttles = Atomic<Int>(0)
    package let pauses = Atomic<Int>(0)
    /// Progress and log messages that came too fast, were invalid, or were kept back by the search for secrets.
    package let noticesDropped = Atomic<Int>(0)
    /// The calls with and without the agent's statement of what led to them.
    package let withContext = Atomic<Int>(0)
    package let withoutContext = Atomic<Int>(0)
    /// Spans of calls that a collector took, and those that it did not get.
    package let spansExported = Atomic<Int>(0)
    package let spansDropped = Atomic<Int>(0)

    /// The time of the last halt from the order to this gateway's acknowledgement; 0 before the first.
    package let killPropagationMicroseconds = Atomic<Int>(0)
    /// The end of the last passed drill, in seconds since 1970; 0 without one.
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
