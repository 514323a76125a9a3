package import InterlockModel

/// The hours with reduced attention: nights and weekends.
package enum OffHours {
    /// The office hours of each day from Monday to Friday.
    private static let office: Range<Int64> = 8..<18
    private static let day: Int64 = 86_400

    /// Returns whether the local time is outside of 8:00 to 18:00, Monday to Friday.
    package static func has(_ time: Timestamp, in zone: ZoneRules) -> Bool {
        let local = time.seconds + Int64(zone.offset(at: time.seconds))
        let second = (local % day + day) % day
        // 1970 began on a Thursday; 0 is a Sunday.
        let weekday = (((local - second) / day + 4) % 7 + 7) % 7
        return weekday == 0 || weekday == 6 || !office.contains(second / 3600)
    }
}
