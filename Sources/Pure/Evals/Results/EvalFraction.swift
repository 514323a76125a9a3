/// A rate, a bound or a probability as results write it: a decimal text from -1 to 1 with at most four digits after
/// the point, without needless zeros. RFC 8785 would write a number in another form than people read.
package struct EvalFraction: Sendable, Hashable {
    package let text: String

    /// - Returns: nil unless `value` is a number from -1 to 1.
    package init?(_ value: Double) {
        guard value >= -1, value <= 1 else { return nil }
        let scaled = Int((value * 10_000).rounded())
        let magnitude = scaled.magnitude
        var digits = String(magnitude % 10_000)
        digits = String(repeating: "0", count: 4 - digits.utf8.count) + digits
        while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
        let sign = scaled < 0 ? "-" : ""
        text = sign + String(magnitude / 10_000) + (digits.isEmpty ? "" : "." + digits)
    }

    /// A p-value: one that would be written `0` is `0.0001`, since no p-value is 0.
    package init?(pValue: Double) { self.init(max(pValue, 0.0001)) }

    /// - Returns: nil unless the text is spelled as `init(_:)` writes it.
    package init?(text: String) {
        guard text.utf8.count <= 7, let value = Double(text), let made = EvalFraction(value),
            made.text.utf8.elementsEqual(text.utf8)
        else { return nil }
        self = made
    }
}
