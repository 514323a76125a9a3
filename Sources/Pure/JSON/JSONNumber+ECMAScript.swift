extension JSONNumber {
    /// Spells the double as ECMAScript does. Returns nil if it is infinite or not a number.
    package init?(_ double: Double) {
        guard double.isFinite else { return nil }
        self.init(text: ecmaScriptText(double), double: double)
    }

    /// True if the text has no fraction and no exponent; `-0` counts as an integer.
    package var isSpelledAsInteger: Bool {
        text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
    }

    /// True if the number is spelled, or ECMAScript would spell it, as an integer outside +-(2^53-1), which readers may
    /// not preserve: `9007199254740993.0`, `1e20`. ECMAScript writes an exponent from 1e21 on.
    package var hasNoCanonicalForm: Bool {
        guard double.magnitude > Double(JSONValue.largestInteger) else { return false }
        return isSpelledAsInteger || double.magnitude < 1e21
    }
}

/// Returns the text of ECMAScript's Number::toString in base 10 (RFC 8785, section 3.2.2.3): the fewest digits that
/// give the same double, with an exponent below 1e-6 and from 1e21 on.
///
/// - Precondition: `double` is finite.
func ecmaScriptText(_ double: Double) -> String {
    precondition(double.isFinite, "JSON has no infinities")
    if double == 0 { return "0" }
    let (digits, point) = shortestDigits(double.magnitude)
    let sign = double < 0 ? "-" : ""
    let count = digits.utf8.count
    if point >= count, point <= 21 {
        return sign + digits + String(repeating: "0", count: point - count)
    }
    if point > 0, point <= 21 {
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }
    if point > -6, point <= 0 {
        return sign + "0." + String(repeating: "0", count: -point) + digits
    }
    let exponent = point - 1
    let fraction = count > 1 ? "." + digits.dropFirst() : ""
    return sign + digits.prefix(1) + fraction + (exponent < 0 ? "e-" : "e+")
        + String(exponent.magnitude)
}

/// Returns the digits without leading and trailing zeros, and the position of the decimal point: the value is 0.digits
/// times 10 to the power of `point`.
///
/// Swift's own description has the shortest digits that round-trip, and the closest of those.
private func shortestDigits(_ magnitude: Double) -> (digits: String, point: Int) {
    let parts = magnitude.description.split(separator: "e", maxSplits: 1)
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let whole = mantissa[0]
    let all = whole + (mantissa.count > 1 ? mantissa[1] : "")
    let leadingZeros = all.prefix { $0 == "0" }.count
    var digits = all.dropFirst(leadingZeros)
    while digits.last == "0" { digits.removeLast() }
    return (String(digits), whole.count + exponent - leadingZeros)
}
