package import InterlockModel

/// How long payloads are kept (specs of the ledger, section 13).
package enum PayloadRetention {
    package static let shortestDays: Int64 = 30
    package static let longestDays: Int64 = 180

    /// The last day whose payloads are past their time: a day's payloads are kept for `days` whole days
    /// after it.
    package static func lastExpired(at now: Timestamp, days: Int64) -> CivilDate {
        CivilDate(daysSince1970: now.day.daysSince1970 - days - 1)
    }
}
