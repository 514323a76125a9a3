import InterlockModel
import InterlockPolicyCEL

/// The hours in which an agent may act: days, and half-open times of a zone's clocks.
struct WorkingHours: Sendable {
    /// The days of the week, with 0 for Monday.
    let days: Set<Int>
    /// Minutes since midnight. If `from` is the later, the hours run across midnight and count to the day
    /// they began on.
    let from: Int
    let to: Int
    let zone: ZoneRules
    let path: String
    let place: PolicyLocation

    func contains(_ time: Timestamp) -> Bool {
        let (utc, _) = floorDivide(time.microseconds, 1_000_000)
        let (day, second) = floorDivide(utc + Int64(zone.offset(at: utc)), 86_400)
        let minute = Int(second / 60)
        // 1970-01-01 was a Thursday.
        let weekDay = Int(floorDivide(day + 3, 7).1)
        if from < to { return days.contains(weekDay) && from <= minute && minute < to }
        if minute >= from { return days.contains(weekDay) }
        return minute < to && days.contains((weekDay + 6) % 7)
    }
}
