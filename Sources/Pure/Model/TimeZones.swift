/// Finds time zones of the tz database by name; they come in from outside because Pure reads no files.
package protocol ZoneSource: Sendable {
    /// - Returns: nil when the database has no such zone.
    func zone(named name: String) -> ZoneRules?
    /// Of the database, for the record of what a decision stood on: `2026a`.
    var version: String { get }
}

/// How far a zone's clocks are from UTC, at any time.
package struct ZoneRules: Sendable, Hashable {
    private let fixed: Int

    /// A zone whose clocks never change.
    package init(fixedSeconds: Int) { fixed = fixedSeconds }

    /// Seconds east of UTC at a time given in seconds since 1970.
    package func offset(at seconds: Int64) -> Int { fixed }
}
