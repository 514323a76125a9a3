/// Dates of the proleptic Gregorian calendar, and RFC 3339 text in UTC.
package struct CivilDate: Hashable, Sendable, Comparable {
    package let year: Int
    package let month: Int
    package let day: Int

    /// - Returns: nil for a date that does not exist.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[month - 1] else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// `2027-02-01`
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 10, parts.count == 3, parts[0].count == 4, parts[1].count == 2,
            text.utf8.allSatisfy({ $0 == 0x2d || (0x30...0x39).contains($0) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Days since 1970-01-01 (Hinnant's civil calendar arithmetic).
    package var daysSince1970: Int64 {
        let y = Int64(month <= 2 ? year - 1 : year)
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let shifted = Int64((month + 9) % 12)
        let dayOfYear = (153 * shifted + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    package init(daysSince1970 days: Int64) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * shifted + 2) / 5 + 1)
        month = Int(shifted < 10 ? shifted + 3 : shifted - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    /// The first instant after this day: a date is valid to its end, in UTC.
    package var end: Timestamp { Timestamp(microseconds: (daysSince1970 + 1) * 86_400_000_000) }

    package static func < (a: CivilDate, b: CivilDate) -> Bool { a.daysSince1970 < b.daysSince1970 }
    package var text: String { "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))" }
}

extension Timestamp {
    /// RFC 3339 in UTC with the given number of fraction digits (0, 3 or 6).
    package func rfc3339(fractionDigits: Int = 6) -> String {
        let days =
            microseconds >= 0
            ? microseconds / 86_400_000_000 : (microseconds - 86_399_999_999) / 86_400_000_000
        let inDay = microseconds - days * 86_400_000_000
        let seconds = Int(inDay / 1_000_000)
        let clock = "\(pad(seconds / 3600, 2)):\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2))"
        let fraction: String
        switch fractionDigits {
        case 0: fraction = ""
        case 3: fraction = "." + pad(Int(inDay % 1_000_000 / 1000), 3)
        default: fraction = "." + pad(Int(inDay % 1_000_000), 6)
        }
        return "\(CivilDate(daysSince1970: days).text)T\(clock)\(fraction)Z"
    }

    /// RFC 3339 with `Z` or a numeric offset; at most 6 fraction digits.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"),
            let date = CivilDate(String(decoding: bytes[0..<10], as: UTF8.self)),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var place = 19
        var fraction = 0
        if bytes[place] == UInt8(ascii: ".") {
            place += 1
            var digits = 0
            while place < bytes.count, (0x30...0x39).contains(bytes[place]) {
                fraction = fraction * 10 + Int(bytes[place] - 0x30)
                digits += 1
                place += 1
            }
            guard (1...6).contains(digits) else { return nil }
            for _ in digits..<6 { fraction *= 10 }
        }
        var offset = 0
        guard place < bytes.count else { return nil }
        if bytes[place] == UInt8(ascii: "Z") {
            guard place + 1 == bytes.count else { return nil }
        } else {
            guard place + 6 == bytes.count, bytes[place + 3] == UInt8(ascii: ":"),
                let hours = number(place + 1..<place + 3),
                let minutes = number(place + 4..<place + 6),
                hours < 24, minutes < 60
            else { return nil }
            switch bytes[place] {
            case UInt8(ascii: "+"): offset = hours * 60 + minutes
            case UInt8(ascii: "-"): offset = -(hours * 60 + minutes)
            default: return nil
            }
        }
        let total =
            date.daysSince1970 * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset * 60)
        self.init(microseconds: total * 1_000_000 + Int64(fraction))
    }
}

private func pad(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}
