package import InterlockModel

/// A call whose outcome is unknown and that no person has checked.
package struct UncheckedCall: Sendable, Hashable {
    package let intent: OpenIntent
    /// The time at which the outcome became unknown.
    package let since: Timestamp

    package init(intent: OpenIntent, since: Timestamp) {
        self.intent = intent
        self.since = since
    }
}

extension UncheckedCall: Comparable {
    /// Orders by time, then by the id of the call, which begins with the time of the call.
    package static func < (a: UncheckedCall, b: UncheckedCall) -> Bool {
        (a.since, a.intent.call) < (b.since, b.intent.call)
    }
}
