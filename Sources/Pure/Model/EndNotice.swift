/// An alert about something that ends, which is due once for each of its values.
package enum EndNotice: Sendable, Hashable {
    /// Fourteen days or less are left, and more than one.
    case fortnight
    /// One day or less is left.
    case lastDay
    /// The number of whole days since the end.
    case overdue(days: Int64)

    /// - Returns: nil if more than 14 days are left.
    package init?(of end: Timestamp, at now: Timestamp) {
        if now >= end {
            self = .overdue(days: (now - end).components.seconds / 86_400)
        } else if now >= end - .seconds(86_400) {
            self = .lastDay
        } else if now >= end - .seconds(14 * 86_400) {
            self = .fortnight
        } else {
            return nil
        }
    }
}
