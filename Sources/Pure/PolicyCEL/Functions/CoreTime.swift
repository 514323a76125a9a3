import InterlockModel

/// Accessors for the parts of timestamps, in UTC or in a time zone, and of durations.
enum CELTimeFunctions {
    static let all: [CELFunction] =
        [
            ofTimestamp("getFullYear") { Int64($0.date.year) },
            ofTimestamp("getMonth") { Int64($0.date.month - 1) },
            ofTimestamp("getDayOfYear") { $0.dayOfYear },
            ofTimestamp("getDayOfMonth") { Int64($0.date.day - 1) },
            ofTimestamp("getDate") { Int64($0.date.day) },
            ofTimestamp("getDayOfWeek") { $0.dayOfWeek },
            ofBoth("getHours", { $0.second / 3600 }, { $0.seconds / 3600 }),
            ofBoth("getMinutes", { $0.second / 60 % 60 }, { $0.seconds / 60 }),
            ofBoth("getSeconds", { $0.second % 60 }, { $0.seconds }),
            ofBoth(
                "getMilliseconds", { Int64($0.nanoseconds / 1_000_000) },
                { Int64($0.nanoseconds / 1_000_000) }),
        ]

    private typealias TimePart = @Sendable (LocalTime) -> Int64
    private typealias DurationPart = @Sendable (CELDuration) -> Int64

    private static let timestamps: [CELOverload] = [
        CELOverload([.timestamp], .int), CELOverload([.timestamp, .string], .int),
    ]

    private static func ofTimestamp(_ name: String, _ part: @escaping TimePart) -> CELFunction {
        CELFunction(
            ofOne: name, isMember: true, timestamps, inZone: inZone(name, part)
        ) { value, _ throws(CELFault) in
            guard case .timestamp(let time) = value else { throw CELFault(.noSuchOverload, name) }
            return .int(part(LocalTime(time, offset: 0)))
        }
    }

    /// An accessor for timestamps and durations. For a duration it gives totals, except for the
    /// milliseconds, which are those of its last second.
    private static func ofBoth(
        _ name: String, _ part: @escaping TimePart, _ durationPart: @escaping DurationPart
    ) -> CELFunction {
        CELFunction(
            ofOne: name, isMember: true, timestamps + [CELOverload([.duration], .int)],
            inZone: inZone(name, part)
        ) { value, _ throws(CELFault) in
            switch value {
            case .timestamp(let time): return .int(part(LocalTime(time, offset: 0)))
            case .duration(let duration): return .int(durationPart(duration))
            default: throw CELFault(.noSuchOverload, name)
            }
        }
    }

    private static func inZone(
        _ name: String, _ part: @escaping TimePart
    ) -> CELFunction.OfZone {
        { value, zone throws(CELFault) in
            guard case .timestamp(let time) = value else { throw CELFault(.noSuchOverload, name) }
            return .int(part(LocalTime(time, offset: zone.offset(at: time.seconds))))
        }
    }
}

/// A timestamp in the local time of a zone.
private struct LocalTime {
    private let days: Int64
    /// The second of the day, in 0..<86,400.
    let second: Int64
    let nanoseconds: Int32

    /// - Parameter offset: seconds east of UTC, at most a few days.
    init(_ time: CELTimestamp, offset: Int) {
        (days, second) = floorDivide(time.seconds &+ Int64(offset), 86_400)
        nanoseconds = time.nanoseconds
    }

    var date: CivilDate { CivilDate(daysSince1970: days) }
    /// The day of the week, with Sunday as 0; 1970-01-01 was a Thursday.
    var dayOfWeek: Int64 { floorDivide(days + 4, 7).remainder }
    /// The day of the year, counted from 0.
    var dayOfYear: Int64 {
        // An offset at the ends of the calendar leads to the years 0 and 10000.
        guard let first = CivilDate(year: date.year, month: 1, day: 1) else {
            return date.year < 1 ? 365 : 0
        }
        return days - first.daysSince1970
    }
}
