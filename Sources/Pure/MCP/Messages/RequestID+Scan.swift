import InterlockJSON
import InterlockModel

// INVARIANT: a refused body is never parsed into a tree. Kept by `RequestIDScanTests`, `test_hash_floods.py`.
extension RequestID {
    /// The id of a request that is refused regardless of its other content. The body is scanned once, byte by byte,
    /// without building a tree.
    ///
    /// Is nil if the body is not an object, if it has no valid id, or if it is malformed before its id.
    package init?(scanning body: [UInt8]) {
        var scan = EnvelopeScan(body)
        guard let id = scan.id() else { return nil }
        self = id
    }

    /// Returns the number of bytes read to find an id, for tests of the cost of input.
    package static func steps(scanning body: [UInt8]) -> Int {
        var scan = EnvelopeScan(body)
        _ = scan.id()
        return scan.steps
    }
}

private struct EnvelopeScan {
    /// The maximum size of an id as JSON text: each byte of a string can be written in six.
    private static let largest = 2 + 6 * RequestID.maximumBytes
    private static let deepest = 128

    private let body: [UInt8]
    private var place = 0
    private var idBytes = 0

    init(_ body: [UInt8]) { self.body = body }

    /// The number of bytes read; the id itself is read twice.
    var steps: Int { place + idBytes }

    mutating func id() -> RequestID? {
        skipSpace()
        guard take("{") else { return nil }
        while true {
            skipSpace()
            let name = place
            guard skipString() else { return nil }
            // A name that is spelled with escapes is not recognised.
            let isID = body[name..<place].elementsEqual(#""id""#.utf8)
            skipSpace()
            guard take(":") else { return nil }
            skipSpace()
            let value = place
            guard skipValue() else { return nil }
            if isID { return id(in: value..<place) }
            skipSpace()
            guard take(",") else { return nil }
        }
    }

    private mutating func id(in range: Range<Int>) -> RequestID? {
        guard range.count <= Self.largest else { return nil }
        idBytes = range.count
        let limits = JSONLimits(depth: 0, bytes: Self.largest, values: 1)
        return (try? JSONValue(parsing: Array(body[range]), limits: limits)).flatMap(RequestID.init)
    }

    private mutating func skipValue() -> Bool {
        switch peek {
        case UInt8(ascii: "\""): return skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): return skipNested()
        default:
            let start = place
            while place < body.count, isPlain(body[place]) { place += 1 }
            return place > start
        }
    }

    /// Skips an array or object by counting brackets; whether they match does not affect the rest.
    private mutating func skipNested() -> Bool {
        var depth = 0
        while place < body.count {
            switch body[place] {
            case UInt8(ascii: "\""):
                guard skipString() else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= Self.deepest else { return false }
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            place += 1
            if depth == 0 { return true }
        }
        return false
    }

    private mutating func skipString() -> Bool {
        guard take("\"") else { return false }
        while place < body.count {
            switch body[place] {
            case UInt8(ascii: "\""):
                place += 1
                return true
            case UInt8(ascii: "\\"): place = min(place + 2, body.count)
            default: place += 1
            }
        }
        return false
    }

    private mutating func skipSpace() {
        while [0x20, 0x0a, 0x0d, 0x09].contains(peek) { place += 1 }
    }

    /// The next byte, or 0 at the end.
    private var peek: UInt8 { place < body.count ? body[place] : 0 }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    /// Returns true if the byte can occur in a number, `true`, `false` or `null`.
    private func isPlain(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || isDigit(byte)
            || "-+.E".utf8.contains(byte)
    }
}
