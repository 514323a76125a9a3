/// The TZ text of POSIX.1, 8.3, at the end of a TZif file (RFC 9636, 3.3.1): `CET-1CEST,M3.5.0,M10.5.0/3`.
extension ZoneYear {
    /// - Parameter extended: true if times of change may be -167...167 hours from midnight (TZif version 3).
    /// - Returns: nil if any part of the text violates that form.
    init?(text: ArraySlice<UInt8>, extended: Bool) {
        var reader = ZoneYearReader(text, extended: extended)
        guard reader.name(), let standard = reader.offset() else { return nil }
        guard !reader.isAtEnd else {
            self.init(standard: standard, summer: nil)
            return
        }
        guard reader.name(), let offset = reader.isAt(",") ? standard + 3600 : reader.offset(),
            reader.take(","), let start = reader.change(), reader.take(","),
            let end = reader.change(), reader.isAtEnd
        else { return nil }
        self.init(standard: standard, summer: Summer(offset: offset, start: start, end: end))
    }
}

/// Reads the parts of the text in order. Each method returns nil or false if the text has another form.
private struct ZoneYearReader {
    private var rest: ArraySlice<UInt8>
    private let extended: Bool

    init(_ text: ArraySlice<UInt8>, extended: Bool) {
        rest = text
        self.extended = extended
    }

    var isAtEnd: Bool { rest.isEmpty }

    func isAt(_ character: Unicode.Scalar) -> Bool { rest.first == UInt8(ascii: character) }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard isAt(character) else { return false }
        rest.removeFirst()
        return true
    }

    /// Reads a name of three letters or more, which may contain digits and signs in angle brackets. Its value is not
    /// used.
    mutating func name() -> Bool {
        let isQuoted = take("<")
        let letters = rest.prefix { byte in
            switch byte | 0x20 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): true
            default:
                isQuoted && ((0x30...0x39).contains(byte) || byte == 0x2b || byte == 0x2d)
            }
        }
        rest = rest[letters.endIndex...]
        return letters.count >= 3 && (!isQuoted || take(">"))
    }

    /// Reads an offset and returns it in seconds east of UTC. The text counts hours 0...24 west of UTC.
    mutating func offset() -> Int? { clock(hours: 0...24, isSigned: true).map { -$0 } }

    mutating func change() -> ZoneYear.Change? {
        guard let day = day() else { return nil }
        guard take("/") else { return ZoneYear.Change(day: day, seconds: 2 * 3600) }
        let hours = extended ? 0...167 : 0...24
        return clock(hours: hours, isSigned: extended).map {
            ZoneYear.Change(day: day, seconds: $0)
        }
    }

    private mutating func day() -> ZoneYear.Day? {
        if take("J") { return number(in: 1...365).map { .julian($0) } }
        guard take("M") else { return number(in: 0...365).map { .zeroBased($0) } }
        guard let month = number(in: 1...12), take("."), let week = number(in: 1...5), take("."),
            let day = number(in: 0...6)
        else { return nil }
        return .weekday(month: month, week: week, day: day)
    }

    /// Reads a time such as `2`, `02:30` or `-1:00:30` and returns it in seconds.
    private mutating func clock(hours: ClosedRange<Int>, isSigned: Bool) -> Int? {
        let isNegative = isSigned && take("-")
        if isSigned && !isNegative { _ = take("+") }
        guard var seconds = number(in: hours).map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] where take(":") {
            guard let part = number(in: 0...59) else { return nil }
            seconds += part * unit
        }
        return isNegative ? -seconds : seconds
    }

    /// Reads a number of one to three digits.
    private mutating func number(in range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest[digits.endIndex...]
        let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return range.contains(value) ? value : nil
    }
}
