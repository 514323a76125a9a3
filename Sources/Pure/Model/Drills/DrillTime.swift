/// The time of the week at which a drill may start automatically: `any`, or `tue 10:00 Europe/Lisbon`.
package struct DrillTime: Hashable, Sendable, CustomStringConvertible {
    /// The day of the week, where 0 is Monday, or nil for `any`.
    private let day: Int?
    private let minute: Int
    /// The name of the time zone in the system's database.
    package let zone: String

    package static let any = DrillTime(day: nil, minute: 0, zone: "UTC")
    /// The default: Tuesday, 10:00 UTC, a working day within office hours.
    package static let usual = DrillTime(day: 1, minute: 600, zone: "UTC")
    /// The width of the start window in minutes: a gateway that was down at the exact time may start within the hour.
    private static let window = 60
    private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    private init(day: Int?, minute: Int, zone: String) {
        self.day = day
        self.minute = minute
        self.zone = zone
    }

    /// - Returns: nil if the text has another form. The caller must check that the zone exists.
    package init?(_ text: String) {
        if text == "any" {
            self = .any
            return
        }
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3, let day = Self.days.firstIndex(of: words[0]),
            let minute = Self.minutes(words[1]), !words[2].isEmpty
        else { return nil }
        self.init(day: day, minute: minute, zone: words[2])
    }

    package var description: String {
        guard let day else { return "any" }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(Self.days[day]) \(two(minute / 60)):\(two(minute % 60)) \(zone)"
    }

    /// - Parameter rules: the rules of `zone`.
    package func allows(_ now: Timestamp, in rules: ZoneRules) -> Bool {
        guard let day else { return true }
        let local = now.seconds + Int64(rules.offset(at: now.seconds))
        // 1970-01-01 was a Thursday.
        let week = 7 * 1440
        let minutes = Int((local / 60 + 3 * 1440) % Int64(week))
        let since = (minutes - (day * 1440 + minute) + week) % week
        return since < Self.window
    }

    private static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }),
            parts.joined().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
    }
}
