/// The rule for a zone's offset after the last transition of its table: one offset, or two that alternate each year
/// (the TZ text of POSIX.1, 8.3).
struct ZoneYear: Sendable, Hashable {
    struct Summer: Sendable, Hashable {
        let offset: Int
        /// The start of summer time, expressed in standard time.
        let start: Change
        /// The end of summer time, expressed in summer time.
        let end: Change
    }

    /// The time of a change: the day of the year, and the seconds from its midnight, which may exceed that day.
    struct Change: Sendable, Hashable {
        let day: Day
        let seconds: Int
    }

    enum Day: Sendable, Hashable {
        /// The day 1...365; 29 February is never counted.
        case julian(Int)
        /// The day 0...365; 29 February is counted.
        case zeroBased(Int)
        /// The month 1...12, the week 1...5 (5 is the last), and the weekday 0...6 from Sunday.
        case weekday(month: Int, week: Int, day: Int)
    }

    /// The offset of standard time, in seconds east of UTC.
    let standard: Int
    let summer: Summer?

    func offset(at seconds: Int64) -> Int {
        guard let summer else { return standard }
        let time = min(max(seconds, Self.times.lowerBound), Self.times.upperBound)
        let days = (time + Int64(standard)).flooredQuotient(86_400)
        let year = CivilDate(daysSince1970: days).year
        // A change may fall outside its year, and both coincide if summer time never ends: then the start of the later
        // year takes precedence.
        var latest = Int64.min
        var offset = standard
        for year in (year - 1)...(year + 1) {
            let first = Self.daysSince1970(ofYear: year)
            let isLeap = Self.daysSince1970(ofYear: year + 1) - first == 366
            let start = summer.start.time(first, isLeap) - Int64(standard)
            let end = summer.end.time(first, isLeap) - Int64(summer.offset)
            for (change, after) in [(start, summer.offset), (end, standard)]
            where change <= time && change >= latest {
                latest = change
                offset = after
            }
        }
        return offset
    }

    /// The years 1 to 9999 in seconds since 1970; times outside are clamped.
    private static let times: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// Returns the number of days from 1970-01-01 to 1 January of the year.
    private static func daysSince1970(ofYear year: Int) -> Int64 {
        let past = Int64(year - 1)
        return past * 365 + past.flooredQuotient(4) - past.flooredQuotient(100)
            + past.flooredQuotient(400) - 719_162
    }
}

extension ZoneYear.Change {
    /// Returns the seconds since 1970 as if the zone were UTC.
    ///
    /// - Parameter first: 1 January of the year, in days since 1970.
    fileprivate func time(_ first: Int64, _ isLeap: Bool) -> Int64 {
        (first + day.inYear(first, isLeap)) * 86_400 + Int64(seconds)
    }
}

extension ZoneYear.Day {
    /// Returns the number of days from 1 January.
    fileprivate func inYear(_ first: Int64, _ isLeap: Bool) -> Int64 {
        switch self {
        case .julian(let day): return Int64(day - 1 + (isLeap && day >= 60 ? 1 : 0))
        case .zeroBased(let day): return Int64(day)
        case .weekday(let month, let week, let weekday):
            var lengths: [Int64] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            if isLeap { lengths[1] = 29 }
            let before = lengths[..<(month - 1)].reduce(0, +)
            // 1970-01-01 was a Thursday.
            let monthBegins = (first + before + 4).flooredRemainder(7)
            var day = (Int64(weekday) - monthBegins + 7) % 7 + Int64(week - 1) * 7
            if day >= lengths[month - 1] { day -= 7 }
            return before + day
        }
    }
}

extension Int64 {
    /// Divides by a positive number, rounding toward minus infinity.
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self + 1) / divisor - 1
    }
    func flooredRemainder(_ divisor: Int64) -> Int64 {
        self - flooredQuotient(divisor) * divisor
    }
}
