extension JSONValue {
    /// Writes the value as RFC 8785 requires: members sorted by the UTF-16 units of their keys, numbers spelled as
    /// ECMAScript writes them.
    ///
    /// Strict parsing accepts this form and yields the same value.
    ///
    /// - Throws: `integerRange` if a number is, or would be, spelled as an integer outside +-(2^53-1).
    package func canonical() throws(JSONError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256)
        try appendCanonical(to: &output)
        return output
    }

    /// Returns true if the bytes are the canonical form of the value they spell.
    package static func isCanonical(_ bytes: [UInt8]) -> Bool {
        do {
            return try JSONValue(parsing: bytes, limits: JSONLimits(bytes: bytes.count))
                .canonical() == bytes
        } catch {
            return false
        }
    }

    package func appendCanonical(to output: inout [UInt8]) throws(JSONError) {
        switch self {
        case .null, .bool, .string: appendSerialized(to: &output)
        case .integer(let value):
            guard value.magnitude <= UInt64(JSONValue.largestInteger) else {
                throw JSONError(.integerRange, offset: 0)
            }
            appendInteger(value, to: &output)
        case .number(let value):
            guard !value.hasNoCanonicalForm else { throw JSONError(.integerRange, offset: 0) }
            output.append(contentsOf: ecmaScriptText(value.double).utf8)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            var first = true
            for element in elements {
                if !first { output.append(UInt8(ascii: ",")) }
                first = false
                try element.appendCanonical(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object): try object.appendCanonical(to: &output)
        }
    }
}

extension JSONObject {
    package func canonical() throws(JSONError) -> [UInt8] { try JSONValue.object(self).canonical() }

    func appendCanonical(to output: inout [UInt8]) throws(JSONError) {
        output.append(UInt8(ascii: "{"))
        var first = true
        for place in KeyOrder.places(of: members.span) {
            if !first { output.append(UInt8(ascii: ",")) }
            first = false
            appendQuoted(members[place].key, to: &output)
            output.append(UInt8(ascii: ":"))
            try members[place].value.appendCanonical(to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}
