/// A date of the proleptic Gregorian calendar.
package struct CivilDate: Hashable, Sendable, Comparable {
    package let year: Int
    package let month: Int
    package let day: Int

    /// - Returns: nil if the date does not exist.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: InlineArray = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[month - 1] else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Parses the form `2027-02-01`.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 10, parts.count == 3, parts[0].count == 4, parts[1].count == 2,
            text.utf8.allSatisfy({ $0 == 0x2d || (0x30...0x39).contains($0) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The number of days since 1970-01-01 (Hinnant's civil calendar arithmetic).
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

    /// The month's name in three letters, "Jan" to "Dec" (RFC 5322, section 3.3; RFC 9110, section 5.6.7).
    package var monthName: String { Self.monthNames[month - 1] }

    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The first instant of this day, in UTC.
    package var start: Timestamp { Timestamp(microseconds: daysSince1970 * dayMicroseconds) }

    /// The first instant after this day, in UTC: a date is valid until its end.
    package var end: Timestamp { Timestamp(microseconds: (daysSince1970 + 1) * dayMicroseconds) }

    package static func < (a: CivilDate, b: CivilDate) -> Bool { a.daysSince1970 < b.daysSince1970 }
    package var text: String {
        String(decoding: [UInt8](capacity: 10) { append(to: &$0) }, as: UTF8.self)
    }

    fileprivate func append(to output: inout OutputSpan<UInt8>) {
        output.append(year, digits: 4)
        output.append(UInt8(ascii: "-"))
        output.append(month, digits: 2)
        output.append(UInt8(ascii: "-"))
        output.append(day, digits: 2)
    }
}

private let dayMicroseconds: Int64 = 86_400_000_000

extension Timestamp {
    /// The UTC day that contains this instant, also before 1970.
    package var day: CivilDate { CivilDate(daysSince1970: daysSince1970) }

    private var daysSince1970: Int64 {
        let (days, rest) = microseconds.quotientAndRemainder(dividingBy: dayMicroseconds)
        return rest < 0 ? days - 1 : days
    }

    /// Formats the instant as RFC 3339 in UTC with the given number of fraction digits (0, 3 or 6).
    package func rfc3339(fractionDigits: Int = 6) -> String {
        let days = daysSince1970
        let inDay = microseconds - days * dayMicroseconds
        let seconds = Int(inDay / 1_000_000)
        let text = [UInt8](capacity: 27) { output in
            CivilDate(daysSince1970: days).append(to: &output)
            output.append(UInt8(ascii: "T"))
            output.append(seconds / 3600, digits: 2)
            output.append(UInt8(ascii: ":"))
            output.append(seconds / 60 % 60, digits: 2)
            output.append(UInt8(ascii: ":"))
            output.append(seconds % 60, digits: 2)
            if fractionDigits > 0 { output.append(UInt8(ascii: ".")) }
            switch fractionDigits {
            case 0: break
            case 3: output.append(Int(inDay % 1_000_000 / 1000), digits: 3)
            default: output.append(Int(inDay % 1_000_000), digits: 6)
            }
            output.append(UInt8(ascii: "Z"))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Parses RFC 3339 with `Z` or a numeric offset and at most 6 fraction digits.
    package init?(rfc3339 text: String) {
        var reader = RFC3339Reader(text)
        guard let seconds = reader.dateAndTime(), let fraction = reader.fraction(),
            let offset = reader.offset(), reader.isAtEnd
        else { return nil }
        self.init(microseconds: (seconds - offset) * 1_000_000 + fraction)
    }
}

/// Reads the parts of a time in order. Each method returns nil if the text has another form.
private struct RFC3339Reader {
    private static let fractionDigits = 6
    private var rest: ArraySlice<UInt8>

    init(_ text: String) { rest = Array(text.utf8)[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// Reads `2027-02-01T09:30:00` and returns its seconds since 1970 as if it were UTC.
    mutating func dateAndTime() -> Int64? {
        guard let date = CivilDate(String(decoding: rest.prefix(10), as: UTF8.self)) else {
            return nil
        }
        rest = rest.dropFirst(10)
        guard take("T"), let hour = twoDigits(below: 24), take(":"),
            let minute = twoDigits(below: 60), take(":"), let second = twoDigits(below: 60)
        else { return nil }
        return date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// Reads the fraction and returns it in microseconds, or 0 if it is absent.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        var value: Int64 = 0
        var count = 0
        while let digit = digit() {
            // A further digit is rejected before the value can overflow.
            guard count < Self.fractionDigits else { return nil }
            value = value * 10 + digit
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in count..<Self.fractionDigits { value *= 10 }
        return value
    }

    /// Reads the offset and returns it in seconds east of UTC.
    mutating func offset() -> Int64? {
        if take("Z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hours = twoDigits(below: 24), take(":"),
            let minutes = twoDigits(below: 60)
        else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return isEast ? seconds : -seconds
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func digit() -> Int64? {
        guard let byte = rest.first, (0x30...0x39).contains(byte) else { return nil }
        rest.removeFirst()
        return Int64(byte - 0x30)
    }

    private mutating func twoDigits(below limit: Int64) -> Int64? {
        guard let tens = digit(), let ones = digit(), tens * 10 + ones < limit else { return nil }
        return tens * 10 + ones
    }
}

extension OutputSpan<UInt8> {
    /// Appends the last `digits` decimal digits of a non-negative number, padded with zeros.
    package mutating func append(_ value: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}
