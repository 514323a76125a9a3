import InterlockModel

/// When an agent may act: days and half-open times of a zone's clocks.
struct WorkingHours: Sendable {
    /// 0 is Monday.
    let days: Set<Int>
    /// Minutes since midnight; across midnight when `from` is the later, counted to the day it began on.
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
