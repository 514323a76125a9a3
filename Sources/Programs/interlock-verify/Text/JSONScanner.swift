/// Scans one JSON text and finds the ranges of its parts without copying. In the form `record` it accepts exactly the
/// texts of docs/auditing.md, section 6: canonical (RFC 8785) without fractions and null, so that
/// `bytes == JCS(parse(bytes))` holds without serializing again; the form `canonical` permits those, too. In the form
/// `document` it accepts any JSON of RFC 8259 without duplicate keys.
struct JSONScanner {
    enum Form { case record, canonical, document }

    struct Member {
        /// The key between its quotes, as written.
        let key: Range<Int>
        let value: Range<Int>
    }

    /// The depth of arrays and objects, including the outermost.
    static let maximumDepth = 16
    /// The depth of payloads, which hold what agents send.
    static let maximumPayloadDepth = 256
    static let largestInteger: UInt64 = 1 << 53 - 1

    private let bytes: [UInt8]
    private let form: Form
    private let range: Range<Int>
    private var place: Int
    private var isASCII = true

    private init(_ bytes: [UInt8], _ range: Range<Int>, _ form: Form) {
        self.bytes = bytes
        self.form = form
        self.range = range
        place = range.lowerBound
        skipSpace()
    }

    /// Returns the members of the object that fills `range`.
    static func members(
        of bytes: [UInt8], in range: Range<Int>, _ form: Form
    ) throws(Fault) -> [Member] {
        var scanner = JSONScanner(bytes, range, form)
        var members: [Member] = []
        members.reserveCapacity(24)
        try scanner.object(depth: 1) { members.append($0) }
        try scanner.finish()
        return members
    }

    /// Returns the elements of the array that fills `range`.
    static func elements(
        of bytes: [UInt8], in range: Range<Int>, _ form: Form
    ) throws(Fault) -> [Range<Int>] {
        var scanner = JSONScanner(bytes, range, form)
        var elements: [Range<Int>] = []
        try scanner.array(depth: 1) { elements.append($0) }
        try scanner.finish()
        return elements
    }

    private mutating func finish() throws(Fault) {
        skipSpace()
        guard place == range.upperBound else { throw Fault("unexpected bytes after its end") }
        guard isASCII || String(validating: bytes[range], as: UTF8.self) != nil else {
            throw Fault("it is no UTF-8")
        }
    }

    private mutating func value(depth: Int) throws(Fault) -> Range<Int> {
        let start = place
        switch peek {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"): try object(depth: depth) { _ in }
        case UInt8(ascii: "["): try array(depth: depth) { _ in }
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n") where form != .record: try word("null")
        default: try number()
        }
        return start..<place
    }

    private mutating func object(depth: Int, _ found: (Member) -> Void) throws(Fault) {
        var last: Range<Int>?
        var seen: Set<Octets> = []
        try list(depth, UInt8(ascii: "{"), UInt8(ascii: "}")) { scanner throws(Fault) in
            let key = try scanner.string()
            if scanner.form == .document {
                let name = Octets(JSONString.decoded(scanner.bytes[key]))
                guard seen.insert(name).inserted else {
                    throw Fault("keys are not unique, or not in order")
                }
            } else if let last {
                let isAfter = JSONString.precedes(scanner.bytes[last], scanner.bytes[key])
                guard isAfter else { throw Fault("keys are not unique, or not in order") }
            }
            last = key
            scanner.skipSpace()
            try scanner.expect(UInt8(ascii: ":"))
            scanner.skipSpace()
            found(Member(key: key, value: try scanner.value(depth: depth + 1)))
        }
    }

    private mutating func array(depth: Int, _ found: (Range<Int>) -> Void) throws(Fault) {
        try list(depth, UInt8(ascii: "["), UInt8(ascii: "]")) { scanner throws(Fault) in
            found(try scanner.value(depth: depth + 1))
        }
    }

    private mutating func list(
        _ depth: Int, _ open: UInt8, _ close: UInt8,
        _ element: (inout JSONScanner) throws(Fault) -> Void
    ) throws(Fault) {
        let limit = form == .canonical ? JSONScanner.maximumPayloadDepth : JSONScanner.maximumDepth
        guard depth <= limit else { throw Fault("it is too deep") }
        try expect(open)
        skipSpace()
        if take(close) { return }
        repeat {
            skipSpace()
            try element(&self)
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(close)
    }

    /// - Returns: the range between the quotes.
    private mutating func string() throws(Fault) -> Range<Int> {
        try expect(UInt8(ascii: "\""))
        let start = place
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                place += 1
                return start..<place - 1
            case UInt8(ascii: "\\"):
                let rest = bytes[place..<range.upperBound]
                guard let length = JSONString.escapeLength(rest, minimal: form != .document) else {
                    throw Fault("a string is malformed")
                }
                place += length
            case 0..<0x20: throw Fault("a string is malformed")
            default:
                if byte >= 0x80 { isASCII = false }
                place += 1
            }
        }
        throw Fault("a string is malformed")
    }

    private mutating func number() throws(Fault) {
        let start = place
        let isNegative = take(UInt8(ascii: "-"))
        let whole = try digits()
        guard whole.count == 1 || whole.first != UInt8(ascii: "0") else {
            throw Fault("a number is malformed")
        }
        if form == .record {
            guard let magnitude = Decimal.parse(whole), magnitude <= JSONScanner.largestInteger,
                !isNegative || magnitude > 0
            else { throw Fault("a number is malformed") }
            return
        }
        if take(UInt8(ascii: ".")) { _ = try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            _ = try digits()
        }
        guard form == .document || JSONNumber.isCanonical(bytes[start..<place]) else {
            throw Fault("a number is malformed")
        }
    }

    private mutating func digits() throws(Fault) -> ArraySlice<UInt8> {
        let start = place
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
        guard place > start else { throw Fault("a number is malformed") }
        return bytes[start..<place]
    }

    private mutating func word(_ text: StaticString) throws(Fault) {
        let end = min(place + text.utf8CodeUnitCount, range.upperBound)
        guard bytes[place..<end].isText(text) else { throw Fault("expected a value") }
        place = end
    }

    private var peek: UInt8? { place < range.upperBound ? bytes[place] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(Fault) {
        guard take(byte) else { throw Fault("expected a value") }
    }

    /// Canonical text has no space between its parts, so space is not skipped there and causes a fault.
    private mutating func skipSpace() {
        guard form == .document else { return }
        while let byte = peek, [0x20, 0x0a, 0x0d, 0x09].contains(byte) { place += 1 }
    }
}
