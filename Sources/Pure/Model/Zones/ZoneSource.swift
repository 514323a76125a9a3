/// Finds time zones of the tz database by name; they come in from outside because Pure reads no files.
package protocol ZoneSource: Sendable {
    /// - Returns: nil when the database has no such zone.
    func zone(named name: String) -> ZoneRules?
    /// Of the database, for the record of what a decision stood on: `2026a`.
    var version: String { get }
}

extension ZoneSource {
    /// What a person wrote as a zone: a fixed offset (`+11:00`, `02:00`, `UTC`) or a name of the database.
    package func rules(for text: String) -> ZoneRules? {
        ZoneRules(offsetText: text) ?? zone(named: text)
    }
}
