package import InterlockJSON

/// The reason why a statement, an envelope or a state file violates its format.
package enum FormError: Error, Hashable, Sendable, CustomStringConvertible {
    case json(JSONError)
    /// The text is JSON, but not in its RFC 8785 form.
    case notCanonical
    case notObject(String)
    case unknownMember(String)
    case missingMember(String)
    /// The member, and the requirement that it violates.
    case badMember(String, String)

    package var description: String {
        switch self {
        case .json(let error): "not valid JSON: \(error)"
        case .notCanonical: "not in canonical form"
        case .notObject(let path): "`\(path)` must be an object"
        case .unknownMember(let path): "unknown member `\(path)`"
        case .missingMember(let path): "member `\(path)` is missing"
        case .badMember(let path, let expected): "`\(path)` must be \(expected)"
        }
    }
}

/// Reads an object whose members are all known. A member that is missing, unknown, of another type or out of range is
/// rejected with its path.
package struct StrictFields: Sendable {
    private let object: JSONObject
    private let path: String

    package init(
        _ value: JSONValue, at path: String = "", required: [String], optional: [String] = []
    ) throws(FormError) {
        guard let object = value.object else { throw .notObject(path.isEmpty ? "." : path) }
        let prefix = path.isEmpty ? "" : path + "."
        for (key, _) in object.members {
            guard
                required.contains(where: { sameBytes($0, key) })
                    || optional.contains(where: { sameBytes($0, key) })
            else { throw .unknownMember(prefix + key) }
        }
        for key in required where object[key] == nil { throw .missingMember(prefix + key) }
        self.object = object
        self.path = prefix
    }

    /// Parses a statement and rejects everything except its RFC 8785 form.
    package static func canonicalValue(
        _ bytes: [UInt8], limit: Int, depth: Int = 64
    ) throws(FormError) -> JSONValue {
        do {
            let limits = JSONLimits(depth: depth, bytes: limit)
            let value = try JSONValue(parsing: bytes, limits: limits)
            guard try value.canonical() == bytes else { throw FormError.notCanonical }
            return value
        } catch let error as JSONError {
            throw .json(error)
        } catch {
            throw .notCanonical
        }
    }

    /// Parses JSON in any spelling, up to `limit` bytes.
    package static func value(_ bytes: [UInt8], limit: Int) throws(FormError) -> JSONValue {
        do {
            return try JSONValue(parsing: bytes, limits: JSONLimits(depth: 64, bytes: limit))
        } catch { throw .json(error) }
    }

    package func has(_ key: String) -> Bool { object[key] != nil }

    package func value(_ key: String) throws(FormError) -> JSONValue {
        guard let value = object[key] else { throw .missingMember(path + key) }
        return value
    }

    /// - Parameter length: the accepted length in bytes of UTF-8.
    package func string(
        _ key: String, length: ClosedRange<Int> = 1...128
    ) throws(FormError) -> String {
        guard let text = try value(key).string, length.contains(text.utf8.count) else {
            throw bad(key, "text of \(length.lowerBound) to \(length.upperBound) bytes")
        }
        return text
    }

    package func integer(_ key: String, in range: ClosedRange<Int64>) throws(FormError) -> Int64 {
        guard let number = try value(key).integer, range.contains(number) else {
            throw bad(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package func bool(_ key: String) throws(FormError) -> Bool {
        guard let value = try value(key).bool else { throw bad(key, "true or false") }
        return value
    }

    package func array(_ key: String, count: ClosedRange<Int>) throws(FormError) -> [JSONValue] {
        guard let elements = try value(key).array, count.contains(elements.count) else {
            throw bad(key, "a list of \(count.lowerBound) to \(count.upperBound)")
        }
        return elements
    }

    /// Returns the value that `make` creates from the text, and throws an error that names `expected` if `make` returns
    /// nil.
    package func made<Value>(
        _ key: String, _ expected: String, _ make: (String) -> Value?
    ) throws(FormError) -> Value {
        guard let text = try value(key).string, let value = make(text) else {
            throw bad(key, expected)
        }
        return value
    }

    /// Returns a list of distinct values that `make` creates from texts.
    package func list<Value: Hashable>(
        _ key: String, count: ClosedRange<Int>, _ expected: String, _ make: (String) -> Value?
    ) throws(FormError) -> [Value] {
        var seen: Set<Value> = []
        var values: [Value] = []
        for element in try array(key, count: count) {
            guard let text = element.string, let value = make(text) else {
                throw bad(key, "a list of which each is \(expected)")
            }
            guard seen.insert(value).inserted else {
                throw bad(key, "a list without duplicates")
            }
            values.append(value)
        }
        return values
    }

    /// Requires a member with one possible value, such as `type`.
    package func expect(_ key: String, _ text: String) throws(FormError) {
        guard let found = try value(key).string, sameBytes(found, text) else {
            throw bad(key, "`\(text)`")
        }
    }

    package func expectVersion1() throws(FormError) { _ = try integer("v", in: 1...1) }

    /// Returns a time that is spelled exactly as this program writes RFC 3339 in UTC.
    package func time(_ key: String, fractionDigits: Int) throws(FormError) -> Timestamp {
        try made(key, "a time in UTC with \(fractionDigits) digits after the seconds") { text in
            guard let time = Timestamp(rfc3339: text),
                sameBytes(time.rfc3339(fractionDigits: fractionDigits), text)
            else { return nil }
            return time
        }
    }

    /// Returns a digest in the form of statements, pins and policies.
    package func digest(_ key: String) throws(FormError) -> Digest {
        try made(key, "`sha256:` and 64 lower-case digits", Digest.init(prefixed:))
    }

    package func pseudonym(_ key: String) throws(FormError) -> Pseudonym {
        try made(key, "a pseudonym", Pseudonym.init(written:))
    }

    package func bad(_ key: String, _ expected: String) -> FormError {
        .badMember(path + key, expected)
    }
}

extension Pseudonym {
    /// Accepts exactly the written form: base64 of 16 bytes.
    package init?(written text: String) {
        guard text.utf8.count == 24, Base64.decode(text)?.count == 16 else { return nil }
        self.init(text: text)
    }
}
