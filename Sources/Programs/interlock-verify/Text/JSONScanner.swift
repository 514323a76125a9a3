/// Walks over one JSON text and finds where its parts stand; nothing is copied. In the form `record` it
/// accepts exactly the texts of docs/auditing.md, section 6: canonical (RFC 8785) without fractions and
/// null, so that `bytes == JCS(parse(bytes))` needs no second writing. In the form `document` it takes
/// any JSON of RFC 8259 without duplicate keys.
struct JSONScanner {
    enum Form { case record, document }

    struct Member {
        /// The key between its quotes, as it is written.
        let key: Range<Int>
        let value: Range<Int>
    }

    static let maximumDepth = 16
    static let largestInteger: UInt64 = 1 << 53 - 1

    let bytes: [UInt8]
    let form: Form
    private let end: Int
    private(set) var place: Int
    private var isASCII = true

    private init(_ bytes: [UInt8], _ range: Range<Int>, _ form: Form) {
        self.bytes = bytes
        self.form = form
        place = range.lowerBound
        end = range.upperBound
    }

    /// The members of the one object that `range` holds.
    static func members(
        of bytes: [UInt8], in range: Range<Int>, _ form: Form
    ) throws(JSONFault) -> [Member] {
        var scanner = JSONScanner(bytes, range, form)
        var members: [Member] = []
        members.reserveCapacity(24)
        scanner.skipSpace()
        try scanner.object(depth: 1) { members.append($0) }
        try scanner.finish(range)
        return members
    }

    /// The elements of the one array that `range` holds.
    static func elements(
        of bytes: [UInt8], in range: Range<Int>, _ form: Form
    ) throws(JSONFault) -> [Range<Int>] {
        var scanner = JSONScanner(bytes, range, form)
        var elements: [Range<Int>] = []
        scanner.skipSpace()
        try scanner.array(depth: 1) { elements.append($0) }
        try scanner.finish(range)
        return elements
    }

    private mutating func finish(_ range: Range<Int>) throws(JSONFault) {
        skipSpace()
        guard place == end else { throw .trailing }
        guard isASCII || String(validating: bytes[range], as: UTF8.self) != nil else {
            throw .notUTF8
        }
    }

    private mutating func value(depth: Int) throws(JSONFault) -> Range<Int> {
        guard depth <= JSONScanner.maximumDepth else { throw .tooDeep }
        let start = place
        switch peek {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"): try object(depth: depth) { _ in }
        case UInt8(ascii: "["): try array(depth: depth) { _ in }
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n") where form == .document: try word("null")
        default: try number()
        }
        return start..<place
    }

    private mutating func object(
        depth: Int, _ found: (Member) -> Void
    ) throws(JSONFault) {
        try expect(UInt8(ascii: "{"))
        skipSpace()
        if take(UInt8(ascii: "}")) { return }
        var last: Range<Int>?
        var seen: Set<Octets> = []
        repeat {
            skipSpace()
            let key = try string()
            if form == .document {
                guard seen.insert(Octets(JSONString.decoded(bytes[key]))).inserted else {
                    throw .duplicateKey
                }
            } else if let last {
                guard JSONString.precedes(bytes[last], bytes[key]) else { throw .unsortedKeys }
            }
            last = key
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            found(Member(key: key, value: try value(depth: depth + 1)))
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    private mutating func array(
        depth: Int, _ found: (Range<Int>) -> Void
    ) throws(JSONFault) {
        try expect(UInt8(ascii: "["))
        skipSpace()
        if take(UInt8(ascii: "]")) { return }
        repeat {
            skipSpace()
            found(try value(depth: depth + 1))
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    /// - Returns: what stands between the quotes.
    private mutating func string() throws(JSONFault) -> Range<Int> {
        try expect(UInt8(ascii: "\""))
        let start = place
        while place < end {
            let byte = bytes[place]
            switch byte {
            case UInt8(ascii: "\""):
                place += 1
                return start..<place - 1
            case UInt8(ascii: "\\"):
                guard
                    let length = JSONString.escapeLength(
                        bytes[place..<end], minimal: form == .record)
                else { throw .badString }
                place += length
            case 0..<0x20: throw .badString
            default:
                if byte >= 0x80 { isASCII = false }
                place += 1
            }
        }
        throw .badString
    }

    private mutating func number() throws(JSONFault) {
        let start = place
        let isNegative = take(UInt8(ascii: "-"))
        let digits = place
        skipDigits()
        let whole = bytes[digits..<place]
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else {
            throw .badNumber
        }
        if form == .record {
            guard let magnitude = Decimal.parse(whole), magnitude <= JSONScanner.largestInteger,
                !isNegative || magnitude > 0
            else { throw .badNumber }
            return
        }
        if take(UInt8(ascii: ".")) { try someDigits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try someDigits()
        }
        guard place > start else { throw .badNumber }
    }

    private mutating func someDigits() throws(JSONFault) {
        let start = place
        skipDigits()
        guard place > start else { throw .badNumber }
    }

    private mutating func skipDigits() {
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
    }

    private mutating func word(_ text: StaticString) throws(JSONFault) {
        let word = bytes[place..<min(place + text.utf8CodeUnitCount, end)]
        guard word.isText(text) else { throw .badValue }
        place += text.utf8CodeUnitCount
    }

    private var peek: UInt8? { place < end ? bytes[place] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONFault) {
        guard take(byte) else { throw .badValue }
    }

    /// A record has no space between its parts, so there it is found to be out of place.
    private mutating func skipSpace() {
        guard form == .document else { return }
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            place += 1
        }
    }
}

/// Why a text is not what it should be.
enum JSONFault: Error, Equatable {
    case badValue, badString, badNumber, duplicateKey, unsortedKeys, tooDeep, trailing, notUTF8
}
