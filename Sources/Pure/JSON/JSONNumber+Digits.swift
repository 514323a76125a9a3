extension JSONNumber {
    /// The most characters of a number that is written out.
    private static let mostDigits = 64

    /// The number without an exponent and without zeros at the end of its fraction: `4.5e3` and `4500.0` are `4500`. It is
    /// exact. A number that would have more than 64 characters is as its text spells it.
    package var digits: String {
        let decimal = ExactDecimal(self)
        let digits = decimal.digits.map { $0 + UInt8(ascii: "0") }
        guard !digits.isEmpty else { return "0" }
        let zero = UInt8(ascii: "0")
        let sign: [UInt8] = decimal.isNegative ? [UInt8(ascii: "-")] : []
        let point = digits.count + decimal.exponent
        guard (-Self.mostDigits...Self.mostDigits).contains(point),
            digits.count <= Self.mostDigits
        else { return text }
        var written = sign
        if decimal.exponent >= 0 {
            written += digits
            written += [UInt8](repeating: zero, count: decimal.exponent)
        } else if point > 0 {
            written += digits[..<point]
            written.append(UInt8(ascii: "."))
            written += digits[point...]
        } else {
            written += [zero, UInt8(ascii: ".")]
            written += [UInt8](repeating: zero, count: -point)
            written += digits
        }
        return String(decoding: written, as: UTF8.self)
    }
}
