/// Finds time zones of the tz database by name; injected because Pure reads no files.
package protocol ZoneSource: Sendable {
    /// - Returns: nil if the database has no such zone.
    func zone(named name: String) -> ZoneRules?
    /// The version of the database, such as `2026a`, for the record of the basis of a decision.
    var version: String { get }
    /// The names of all zones, to suggest one; empty if the source cannot list them.
    var names: [String] { get }
}

extension ZoneSource {
    package var names: [String] { [] }

    /// Returns a help line with the zone closest to what a person typed: the same name in other letters, then a zone of
    /// the same city, then the closest spelling.
    package func nearestZone(to text: String) -> String? {
        let names = names
        let typed = text.lowercased()
        let city = lastPart(typed)
        let name =
            names.first { $0.lowercased() == typed }
            ?? names.first {
                !city.isEmpty && $0.contains("/") && lastPart($0.lowercased()) == city
            }
        if let name { return "did you mean `\(name)`?" }
        return didYouMean(text, among: names)
    }

    private func lastPart(_ name: String) -> Substring {
        name.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    }

    /// Returns the rules for a zone as a person writes it: a fixed offset (`+11:00`, `02:00`, `UTC`) or a name of the
    /// database.
    package func rules(for text: String) -> ZoneRules? {
        ZoneRules(offsetText: text) ?? zone(named: text)
    }
}
