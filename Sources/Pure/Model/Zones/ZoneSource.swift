/// Finds time zones of the tz database by name; injected because Pure reads no files.
package protocol ZoneSource: Sendable {
    /// - Returns: nil if the database has no such zone.
    func zone(named name: String) -> ZoneRules?
    /// The version of the database, such as `2026a`, for the record of the basis of a decision.
    var version: String { get }
}

extension ZoneSource {
    /// Returns the rules for a zone as a person writes it: a fixed offset (`+11:00`, `02:00`, `UTC`) or a name of the
    /// database.
    package func rules(for text: String) -> ZoneRules? {
        ZoneRules(offsetText: text) ?? zone(named: text)
    }
}
