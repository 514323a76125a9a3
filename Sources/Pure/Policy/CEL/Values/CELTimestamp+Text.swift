import InterlockModel

extension CELTimestamp {
    /// RFC 3339 in UTC, with as many digits of the fraction as it has.
    package var text: String {
        let (days, second) = floorDivide(seconds, 86_400)
        func two(_ value: Int64) -> String { (value < 10 ? "0" : "") + String(value) }
        return CivilDate(daysSince1970: days).text + "T" + two(second / 3600) + ":"
            + two(second / 60 % 60) + ":" + two(second % 60) + fractionText(nanoseconds.magnitude)
            + "Z"
    }

    /// RFC 3339 with `Z` or an offset; at most 9 digits of a fraction, no leap second.
    ///
    /// - Throws: `conversion` for another text, `range` outside the years 1 to 9999.
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

/// Takes the parts of a time one after the other.
private struct TimeReader {
    let text: String
    private var rest: Substring.UTF8View

    init(_ text: String) {
        self.text = text
        rest = text.utf8[...]
    }

    var isAtEnd: Bool { rest.isEmpty }
    var fault: CELFault { CELFault(.conversion, text) }

    /// Four digits or more, so that a year that is only too late is called that.
    mutating func year() throws(CELFault) -> Int {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard digits.count >= 4 else { throw fault }
        rest = rest.dropFirst(digits.count)
        return digits.count > 9 ? .max : digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    mutating func take(_ character: Unicode.Scalar) throws(CELFault) {
        guard rest.popFirst() == UInt8(ascii: character) else { throw fault }
    }

    mutating func twoDigits(_ range: ClosedRange<Int>) throws(CELFault) -> Int {
        let value = try digit() * 10 + digit()
        guard range.contains(value) else { throw fault }
        return value
    }

    /// In nanoseconds; 0 where there is none.
    mutating func fraction() throws(CELFault) -> Int32 {
        guard rest.first == UInt8(ascii: ".") else { return 0 }
        rest.removeFirst()
        var value = Int32(try digit())
        var count = 1
        while let byte = rest.first, (0x30...0x39).contains(byte) {
            guard count < 9 else { throw fault }
            value = value * 10 + Int32(try digit())
            count += 1
        }
        for _ in count..<9 { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() throws(CELFault) -> Int {
        switch rest.popFirst() {
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

    private mutating func digit() throws(CELFault) -> Int {
        guard let byte = rest.popFirst(), (0x30...0x39).contains(byte) else { throw fault }
        return Int(byte - 0x30)
    }
}
