import CLinux
import InterlockModel

/// The Date field (RFC 9110, section 6.6.1), formatted at most once a second.
struct HTTPDate {
    private var second: Int64 = .min
    private var text: [UInt8] = []

    /// `Date: Fri, 20 Nov 2026 09:07:35 GMT` and CRLF.
    mutating func line() -> [UInt8] {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
        return line(at: Int64(now.tv_sec))
    }

    mutating func line(at seconds: Int64) -> [UInt8] {
        if seconds != second {
            second = seconds
            text = Self.format(seconds)
        }
        return text
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    private static func format(_ seconds: Int64) -> [UInt8] {
        let day = seconds / 86_400
        let inDay = Int(seconds % 86_400)
        let date = CivilDate(daysSince1970: day)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let weekday = days[Int((day + 4) % 7)]
        let clock = "\(two(inDay / 3600)):\(two(inDay / 60 % 60)):\(two(inDay % 60))"
        return Array(
            "Date: \(weekday), \(two(date.day)) \(date.monthName) \(date.year) \(clock) GMT\r\n"
                .utf8)
    }
}
