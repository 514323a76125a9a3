package import InterlockModel

/// Decides which of many equal events is reported: the first, and then the first after each window.
package struct ReportWindow: Sendable {
    private var last: BootTime?

    package init() {}

    /// - Parameters:
    ///   - now: the time of the event, not before that of an earlier one.
    ///   - window: the time in which no other event is reported, from one that is.
    /// - Returns: true if the event is to be reported; its window begins with it.
    package mutating func take(at now: BootTime, window: Duration) -> Bool {
        if let last, now - last < window { return false }
        last = now
        return true
    }
}
