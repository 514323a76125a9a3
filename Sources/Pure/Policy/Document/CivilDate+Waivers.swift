import InterlockModel

extension CivilDate {
    /// Returns the reason why a waiver with this last day does not count, or nil if it does.
    ///
    /// - Parameter mostDays: the longest time for which such a waiver counts.
    func waiverProblem(at now: Timestamp, mostDays: Int) -> String? {
        if now >= end { return "ended on \(text)" }
        let last = now + .seconds(Int64(mostDays + 1) * 86_400)
        return end < last ? nil : "reaches more than \(mostDays) days ahead"
    }
}
