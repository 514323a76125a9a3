/// The distance between a time and the moment that a page shows, in words. The script `values.js` follows the same
/// rules while the page is open.
package enum RelativeTime {
    package static let day: Int64 = 86_400
    /// Deadlines nearer than this count down in seconds.
    private static let countdown: Int64 = 120

    /// - Parameter seconds: the time minus the moment of the page, in whole seconds; positive for what is to come.
    /// - Returns: "3 s ago", "8 min ago", "in 95 s", "in 12 min", "in 1 h 58 min"; nil from a whole day on.
    package static func words(_ seconds: Int64) -> String? {
        guard seconds > -day, seconds < day else { return nil }
        if seconds == 0 { return "now" }
        return seconds < 0
            ? length(-seconds, inSecondsBelow: 60) + " ago"
            : "in " + length(seconds, inSecondsBelow: countdown)
    }

    /// Minutes and hours are rounded down, so that no deadline seems later than it is.
    private static func length(_ seconds: Int64, inSecondsBelow limit: Int64) -> String {
        if seconds < limit { return "\(seconds) s" }
        let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60)
        if hours == 0 { return "\(minutes) min" }
        return minutes == 0 ? "\(hours) h" : "\(hours) h \(minutes) min"
    }
}
