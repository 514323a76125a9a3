import InterlockModel

extension CELTimestamp {
    /// The time in RFC 3339 and UTC, with as many digits of the fraction as necessary.
    package var text: String {
        let (days, second) = floorDivide(seconds, 86_400)
        let date = CivilDate(daysSince1970: days)
        let time = Int(second)
        let bytes = [UInt8](capacity: 30) { output in
            output.append(date.year, digits: 4)
            output.append(UInt8(ascii: "-"))
            output.append(date.month, digits: 2)
            output.append(UInt8(ascii: "-"))
            output.append(date.day, digits: 2)
            output.append(UInt8(ascii: "T"))
            output.append(time / 3600, digits: 2)
            output.append(UInt8(ascii: ":"))
            output.append(time / 60 % 60, digits: 2)
            output.append(UInt8(ascii: ":"))
            output.append(time % 60, digits: 2)
            output.append(fraction: nanoseconds.magnitude)
            output.append(UInt8(ascii: "Z"))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Parses RFC 3339 with `Z` or an offset, at most 9 digits of a fraction, and no leap second.
    ///
    /// - Throws: `conversion` for any other text, `range` outside the years 1 to 9999.
    package init(text: String) throws(CELFault) {
        var reader = TimeReader(text)
        let year = try reader.year()
        try reader.take("-")
        let month = try reader.twoDigits(1...12)
        try reader.take("-")
        let day = try reader.twoDigits(1...31)
        try reader.take("T")
        let hour = try reader.twoDigits(0...23)
        try reader.take(":")
        let minute = try reader.twoDigits(0...59)
        try reader.take(":")
        let second = try reader.twoDigits(0...59)
        let nanoseconds = try reader.fraction()
        let offset = try reader.offset()
        guard reader.isAtEnd else { throw reader.fault }
        guard (1...9999).contains(year) else { throw CELFault(.range, text) }
        guard let date = CivilDate(year: year, month: month, day: day) else { throw reader.fault }
        let local = date.daysSince1970 * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        try self.init(checkedSeconds: local - Int64(offset), nanoseconds: nanoseconds)
    }
}

/// Reads the parts of a time one after the other.
private struct TimeReader {
    let text: String
    private let bytes: [UInt8]
    private var place = 0

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { place == bytes.count }
    var fault: CELFault { CELFault(.conversion, text) }

    /// Reads four or more digits, so that a year that is only too late gives `range`.
    mutating func year() throws(CELFault) -> Int {
        var year = 0
        var count = 0
        while isAtDigit {
            let digit = try digit()
            year = count < 9 ? year * 10 + digit : .max
            count += 1
        }
        guard count >= 4 else { throw fault }
        return year
    }

    mutating func take(_ character: Unicode.Scalar) throws(CELFault) {
        guard next == UInt8(ascii: character) else { throw fault }
        place += 1
    }

    mutating func twoDigits(_ range: ClosedRange<Int>) throws(CELFault) -> Int {
        let value = try digit() * 10 + digit()
        guard range.contains(value) else { throw fault }
        return value
    }

    /// Reads the fraction in nanoseconds, which is 0 if it is missing.
    mutating func fraction() throws(CELFault) -> Int32 {
        guard next == UInt8(ascii: ".") else { return 0 }
        place += 1
        var value = Int32(try digit())
        var count = 1
        while isAtDigit {
            guard count < 9 else { throw fault }
            value = value * 10 + Int32(try digit())
            count += 1
        }
        for _ in count..<9 { value *= 10 }
        return value
    }

    /// Reads the offset in seconds east of UTC.
    mutating func offset() throws(CELFault) -> Int {
        let sign = next
        place += 1
        switch sign {
        case UInt8(ascii: "Z"): return 0
        case UInt8(ascii: "+"): return try hoursAndMinutes()
        case UInt8(ascii: "-"): return -(try hoursAndMinutes())
        default: throw fault
        }
    }

    private mutating func hoursAndMinutes() throws(CELFault) -> Int {
        let hours = try twoDigits(0...23)
        try take(":")
        return hours * 3600 + (try twoDigits(0...59)) * 60
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }
    private var isAtDigit: Bool { next.map { (0x30...0x39).contains($0) } ?? false }

    private mutating func digit() throws(CELFault) -> Int {
        guard let byte = next, (0x30...0x39).contains(byte) else { throw fault }
        place += 1
        return Int(byte - 0x30)
    }
}
