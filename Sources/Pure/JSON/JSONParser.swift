extension JSONValue {
    /// Parses strict RFC 8259 in one pass over the bytes: no byte order mark, no duplicate keys, no lone surrogates,
    /// valid UTF-8, nothing after the value.
    package init(parsing bytes: Span<UInt8>, limits: JSONLimits) throws(JSONError) {
        var parser = JSONParser(limits: limits)
        defer { Steps.count(parser.steps) }
        self = try parser.document(bytes)
    }

    package init(parsing bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
        try self.init(parsing: bytes.span, limits: limits)
    }

    /// Returns the steps that parsing takes, whether it succeeds or fails; for tests of the cost of input.
    package static func steps(parsing bytes: [UInt8], limits: JSONLimits) -> Int {
        var parser = JSONParser(limits: limits)
        _ = try? parser.document(bytes.span)
        return parser.steps
    }
}

/// The state of one parse: the position in the text. The bytes are passed to each call because a span cannot be stored.
///
/// INVARIANT: no text from outside costs a parser more than a fixed number of steps for each byte, and is a key by its
/// bytes. Kept by `JSONCostTests`, `ParserCostTests`, `Fuzz/Cost`, `ExactKeysTests`, `test_hash_floods.py`.
struct JSONParser {
    let limits: JSONLimits
    var position = 0
    private var values = 0
    /// The steps spent on comparing keys.
    private var keySteps = 0

    init(limits: JSONLimits) { self.limits = limits }

    /// The sum of bytes passed, keys compared and slots probed.
    var steps: Int { position + keySteps }

    mutating func document(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.bytes else {
            throw JSONError(.size, offset: limits.bytes)
        }
        if bytes.count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf {
            throw JSONError(.byteOrderMark, offset: 0)
        }
        skipSpace(bytes)
        let value = try value(bytes, depth: 0)
        skipSpace(bytes)
        guard position == bytes.count else { throw JSONError(.trailing, offset: position) }
        return value
    }

    private mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw JSONError(.size, offset: position) }
        switch peek(bytes) {
        case UInt8(ascii: "\""): return .string(try string(bytes))
        case UInt8(ascii: "{"): return try object(bytes, depth: depth + 1)
        case UInt8(ascii: "["): return try array(bytes, depth: depth + 1)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(bytes)
        case UInt8(ascii: "t"): return try word(bytes, "true", .bool(true))
        case UInt8(ascii: "f"): return try word(bytes, "false", .bool(false))
        case UInt8(ascii: "n"): return try word(bytes, "null", .null)
        default: throw unexpected(bytes, at: position)
        }
    }

    private mutating func object(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= limits.depth else { throw JSONError(.depth, offset: position) }
        position += 1
        skipSpace(bytes)
        var members: [(key: String, value: JSONValue)] = []
        if take(bytes, UInt8(ascii: "}")) { return .object(JSONObject()) }
        members.reserveCapacity(4)
        var places = MemberPositions()
        while true {
            guard peek(bytes) == UInt8(ascii: "\"") else {
                throw unexpected(bytes, at: position)
            }
            let place = position
            guard members.count < limits.members else { throw JSONError(.members, offset: place) }
            let key = try string(bytes)
            let found = places.find(key, in: members.span, &keySteps)
            guard found.place == nil else { throw JSONError(.duplicateKey, offset: place) }
            skipSpace(bytes)
            guard take(bytes, UInt8(ascii: ":")) else { throw unexpected(bytes, at: position) }
            skipSpace(bytes)
            members.append((key, try value(bytes, depth: depth)))
            places.added(to: members.span, hash: found.hash, &keySteps)
            skipSpace(bytes)
            if take(bytes, UInt8(ascii: ",")) {
                skipSpace(bytes)
            } else if take(bytes, UInt8(ascii: "}")) {
                return .object(JSONObject(members, places))
            } else {
                throw unexpected(bytes, at: position)
            }
        }
    }

    private mutating func array(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= limits.depth else { throw JSONError(.depth, offset: position) }
        position += 1
        skipSpace(bytes)
        var elements: [JSONValue] = []
        if take(bytes, UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value(bytes, depth: depth))
            skipSpace(bytes)
            if take(bytes, UInt8(ascii: ",")) {
                skipSpace(bytes)
            } else if take(bytes, UInt8(ascii: "]")) {
                return .array(elements)
            } else {
                throw unexpected(bytes, at: position)
            }
        }
    }

    private mutating func word(
        _ bytes: Span<UInt8>, _ text: StaticString, _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        for expected in "\(text)".utf8 {
            guard peek(bytes) == expected else { throw unexpected(bytes, at: position) }
            position += 1
        }
        return value
    }

    // MARK: Bytes

    /// Returns the next byte, or 0 at the end: a byte 0 is never valid in JSON text.
    func peek(_ bytes: Span<UInt8>) -> UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func take(_ bytes: Span<UInt8>, _ byte: UInt8) -> Bool {
        guard peek(bytes) == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0a, 0x0d, 0x09: position += 1
            default: return
            }
        }
    }

    func unexpected(_ bytes: Span<UInt8>, at offset: Int) -> JSONError {
        JSONError(offset < bytes.count ? .syntax : .unexpectedEnd, offset: offset)
    }
}
