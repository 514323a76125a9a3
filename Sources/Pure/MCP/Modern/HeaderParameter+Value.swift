package import InterlockJSON
import InterlockModel

extension HeaderParameter {
    /// Returns the argument that the header repeats, or nil if it is absent or null; the header must then be absent.
    package func value(in arguments: JSONObject) -> JSONValue? {
        var value: JSONValue? = .object(arguments)
        for token in JSONPointer.tokens(pointer) ?? [] { value = value?[token] }
        return value == .null ? nil : value
    }

    /// Returns the header's value for an argument.
    ///
    /// - Returns: nil for an object or an array, which a header cannot carry.
    package static func header(for value: JSONValue) -> String? {
        text(of: value).map(HeaderText.encode)
    }

    /// Returns true if a header's value and an argument are equal. Numbers are compared by value, so `42.0` equals
    /// `42`; a header number with an exponent is compared as text.
    static func agree(_ header: String, with value: JSONValue) -> Bool {
        guard let decoded = HeaderText.decode(header), let text = text(of: value) else {
            return false
        }
        if let number = ExactDecimal(value), let written = plainNumber(decoded) {
            return number == written
        }
        return decoded.utf8.elementsEqual(text.utf8)
    }

    private static func text(of value: JSONValue) -> String? {
        switch value {
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let number): number.text
        case .string(let text): text
        case .null, .array, .object: nil
        }
    }

    private static func plainNumber(_ text: String) -> ExactDecimal? {
        guard text.utf8.allSatisfy({ isDigit($0) || "-.".utf8.contains($0) }),
            let value = try? JSONValue(
                parsing: Array(text.utf8), limits: JSONLimits(bytes: 256, largeIntegers: .keep))
        else { return nil }
        return ExactDecimal(value)
    }
}
