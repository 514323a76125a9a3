import InterlockJSON

/// Conversion of doubles to text and back.
enum CELDouble {
    /// The fewest digits that give the same double, as ECMAScript writes them: `123.456`, `1e+99`; `NaN`,
    /// `Infinity`, `-Infinity`, `-0`.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        // Swift's own text is the same if it has no exponent.
        let text = value.description
        if !text.utf8.contains(UInt8(ascii: "e")), value.isFinite {
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
        return JSONNumber(value)?.text ?? (value < 0 ? "-Infinity" : "Infinity")
    }

    /// The double as an expression, with a point or an exponent so that it is not an integer.
    static func literal(_ value: Double) -> String {
        let text = text(value)
        guard value.isFinite else { return "double(\"\(text)\")" }
        return text.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }
            ? text : text + ".0"
    }

    /// Parses a decimal number, or a text that `text` gives for NaN and the infinities.
    ///
    /// - Throws: `conversion` for any other text, `range` for a number beyond the doubles.
    static func value(_ text: String) throws(CELFault) -> Double {
        switch text {
        case "NaN": return .nan
        case "Infinity", "+Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: break
        }
        guard isDecimal(text), let value = Double(text) else { throw CELFault(.conversion, text) }
        guard value.isFinite else { throw CELFault(.range, text) }
        return value
    }

    /// Returns true for an optional sign, digits with or without a point, and an optional exponent. Swift's
    /// parser accepts more, such as `0x1p4`.
    private static func isDecimal(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func skipSign() {
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
                rest.removeFirst()
            }
        }
        func skipDigits() -> Bool {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count)
            return !digits.isEmpty
        }
        skipSign()
        var hasDigits = skipDigits()
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            if skipDigits() { hasDigits = true }
        }
        guard hasDigits else { return false }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            skipSign()
            guard skipDigits() else { return false }
        }
        return rest.isEmpty
    }
}
