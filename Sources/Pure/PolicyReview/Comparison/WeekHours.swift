import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The minutes of a week in which an agent may act.
struct WeekHours {
    let zone: String
    /// Minutes since Monday 00:00 in `zone`. Minutes after midnight belong to the day on which they fall.
    let minutes: Set<Int>

    private static let ofDay = 1_440

    /// - Parameter value: the value of `hours` in the canonical form.
    init?(_ value: JSONValue?) {
        guard let object = value?.object, let zone = object["tz"]?.string,
            let from = object["from"]?.integer.map(Int.init),
            let to = object["to"]?.integer.map(Int.init)
        else { return nil }
        let stated = object["days"]?.array?.compactMap(\.string).compactMap(weekDays.firstIndex)
        let length = from < to ? to - from : to + Self.ofDay - from
        var minutes: Set<Int> = []
        for day in stated ?? Array(weekDays.indices) {
            let start = day * Self.ofDay + from
            for minute in start..<(start + length) {
                minutes.insert(minute % (weekDays.count * Self.ofDay))
            }
        }
        self.zone = zone
        self.minutes = minutes
    }
}

/// A calendar day, parsed from the canonical form.
struct CivilDays {
    /// Days since 1970-01-01.
    let days: Int64

    init?(_ value: JSONValue?) {
        guard let date = value?.string.flatMap({ CivilDate($0) }) else { return nil }
        days = date.daysSince1970
    }
}
