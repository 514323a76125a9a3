/// The rule by which a zone's clocks go on after the last transition of its table: one offset, or two
/// that change each year (the TZ text of POSIX.1, 8.3).
struct ZoneYear: Sendable, Hashable {
    struct Summer: Sendable, Hashable {
        let offset: Int
        /// In standard time.
        let start: Change
        /// In summer time.
        let end: Change
    }

    /// When clocks change: the day in the year, and seconds from its midnight, which may lead out of it.
    struct Change: Sendable, Hashable {
        let day: Day
        let seconds: Int
    }

    enum Day: Sendable, Hashable {
        /// 1...365; 29 February is never counted.
        case julian(Int)
        /// 0...365; 29 February is counted.
        case zeroBased(Int)
        /// Month 1...12, week 1...5 (5 is the last), weekday 0...6 from Sunday.
        case weekday(month: Int, week: Int, day: Int)
    }

    /// Seconds east of UTC in standard time.
    let standard: Int
    let summer: Summer?

    func offset(at seconds: Int64) -> Int {
        guard let summer else { return standard }
        let time = min(max(seconds, Self.times.lowerBound), Self.times.upperBound)
        let days = (time + Int64(standard)).flooredQuotient(86_400)
        let year = CivilDate(daysSince1970: days).year
        // A change may lead out of its year, and both may fall together where summer never ends: then
        // the later year's start has the last word.
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

    /// The years 1 to 9999, in seconds since 1970; times outside count as the nearest one.
    private static let times: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// Days from 1970-01-01 to the first of January of a year.
    private static func daysSince1970(ofYear year: Int) -> Int64 {
        let past = Int64(year - 1)
        return past * 365 + past.flooredQuotient(4) - past.flooredQuotient(100)
            + past.flooredQuotient(400) - 719_162
    }
}

extension ZoneYear.Change {
    /// In seconds since 1970, were the zone's clocks at UTC.
    ///
    /// - Parameter first: the first of January in days since 1970.
    fileprivate func time(_ first: Int64, _ isLeap: Bool) -> Int64 {
        (first + day.inYear(first, isLeap)) * 86_400 + Int64(seconds)
    }
}

extension ZoneYear.Day {
    /// Days from the first of January.
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
    /// Division toward minus infinity, by a positive number.
    fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self + 1) / divisor - 1
    }
    fileprivate func flooredRemainder(_ divisor: Int64) -> Int64 {
        self - flooredQuotient(divisor) * divisor
    }
}
