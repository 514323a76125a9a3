package import InterlockModel

/// When few people look at what they decide: at night and at the end of the week.
package enum OffHours {
    /// Of each day from Monday to Friday.
    private static let office: Range<Int64> = 8..<18
    private static let day: Int64 = 86_400

    /// Whether it is outside of 8 to 18 h from Monday to Friday there.
    package static func has(_ time: Timestamp, in zone: ZoneRules) -> Bool {
        let local = time.seconds + Int64(zone.offset(at: time.seconds))
        let second = (local % day + day) % day
        // 1970 began on a Thursday; 0 is a Sunday.
        let weekday = (((local - second) / day + 4) % 7 + 7) % 7
        return weekday == 0 || weekday == 6 || !office.contains(second / 3600)
    }
}
