import InterlockJSON

/// Reads the members of one subschema, each in the form that its keyword requires.
struct KeywordReader {
    let schema: JSONObject
    let pointer: String

    func has(_ key: String) -> Bool { schema[key] != nil }
    func place(_ key: String) -> String { pointer + "/" + JSONPointer.escaped(key) }

    func text(_ key: String) throws(SchemaError) -> String? {
        guard let value = schema[key] else { return nil }
        guard case .string(let text) = value else { throw wrong(key, "a string") }
        return text
    }

    /// Returns a count of 0 or more, which may be spelled `2.0`. A count that exceeds the range of Int is returned as
    /// `Int.max`.
    func count(_ key: String) throws(SchemaError) -> Int? {
        guard let value = schema[key] else { return nil }
        guard let decimal = ExactDecimal(value), decimal.isInteger,
            decimal.isZero || decimal.isPositive
        else { throw wrong(key, "an integer of 0 or more") }
        switch value {
        case .integer(let integer): return Int(integer)
        case .number(let number): return number.double < 0x1p62 ? Int(number.double) : .max
        default: return nil
        }
    }

    func number(_ key: String) throws(SchemaError) -> ExactDecimal? {
        guard let value = schema[key] else { return nil }
        guard let decimal = ExactDecimal(value) else { throw wrong(key, "a number") }
        return decimal
    }

    /// Returns the number as the author of the schema wrote it.
    func spelling(_ key: String) -> String {
        String(decoding: (schema[key] ?? .null).serialized(), as: UTF8.self)
    }

    func texts(_ key: String) throws(SchemaError) -> [String]? {
        guard let value = schema[key] else { return nil }
        return try texts(value, at: key)
    }

    func texts(_ value: JSONValue, at key: String) throws(SchemaError) -> [String] {
        guard case .array(let elements) = value else { throw wrong(key, "a list of strings") }
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element else { throw wrong(key, "a list of strings") }
            texts.append(text)
        }
        return texts
    }

    /// Returns the pointers of the subschemas in a list, which must not be empty.
    func list(_ key: String) throws(SchemaError) -> [String]? {
        guard let value = schema[key] else { return nil }
        guard case .array(let elements) = value, !elements.isEmpty else {
            throw wrong(key, "a list of schemas")
        }
        return elements.indices.map { "\(place(key))/\($0)" }
    }

    /// Returns the keys, values and pointers of the members of a map.
    func map(
        _ key: String
    ) throws(SchemaError) -> [(key: String, value: JSONValue, place: String)]? {
        guard let value = schema[key] else { return nil }
        guard case .object(let object) = value else { throw wrong(key, "an object") }
        return object.members.map {
            ($0.key, $0.value, place(key) + "/" + JSONPointer.escaped($0.key))
        }
    }

    func wrong(_ key: String, _ expected: String) -> SchemaError {
        .keyword(pointer: place(key), expected: expected)
    }
}
