import InterlockJSON
import InterlockModel

/// The minutes of a week in which an agent may act.
struct WeekHours {
    let zone: String
    /// 0 is Monday 00:00 in the zone; minutes after midnight count to the day on which they fall.
    let minutes: Set<Int>

    private static let ofDay = 1_440

    /// - Parameter value: `hours` in the canonical form.
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

/// A day of the canonical form.
struct CivilDays {
    /// Since 1970-01-01.
    let days: Int64

    init?(_ value: JSONValue?) {
        guard let date = value?.string.flatMap({ CivilDate($0) }) else { return nil }
        days = date.daysSince1970
    }
}
