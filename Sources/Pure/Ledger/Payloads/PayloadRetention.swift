package import InterlockModel

/// The retention period of payloads (docs/specs/ledger.md, section 13).
package enum PayloadRetention {
    package static let shortestDays: Int64 = 30
    package static let longestDays: Int64 = 180

    /// Returns the last day whose payloads have expired. The payloads of a day are kept for `days` whole days after it.
    package static func lastExpired(at now: Timestamp, days: Int64) -> CivilDate {
        CivilDate(daysSince1970: now.day.daysSince1970 - days - 1)
    }
}
