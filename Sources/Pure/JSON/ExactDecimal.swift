/// A JSON number without rounding: digits times a power of ten. Different spellings of one number (`1`, `1.0`, `10e-1`)
/// are equal.
package struct ExactDecimal: Hashable, Sendable {
    package let isNegative: Bool
    /// The digits, 0...9 each, without leading and trailing zeros; empty for zero.
    package let digits: [UInt8]
    /// The power of ten of the last digit, or 0 for zero.
    package let exponent: Int

    package init(_ value: Int64) { self.init(text: String(value)) }
    package init(_ number: JSONNumber) { self.init(text: number.text) }

    /// - Returns: nil if the value is not a number.
    package init?(_ value: JSONValue) {
        switch value {
        case .integer(let integer): self.init(integer)
        case .number(let number): self.init(number)
        case .null, .bool, .string, .array, .object: return nil
        }
    }

    private init(text: String) {
        var digits: [UInt8] = []
        var fraction = 0
        var written = 0
        var inFraction = false
        var exponentText = ""
        var inExponent = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "."): inFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): inExponent = true
            case UInt8(ascii: "0")...UInt8(ascii: "9") where !inExponent:
                if inFraction { fraction += 1 }
                if byte != UInt8(ascii: "0") || !digits.isEmpty {
                    digits.append(byte - UInt8(ascii: "0"))
                }
            default:
                if inExponent { exponentText.unicodeScalars.append(Unicode.Scalar(byte)) }
            }
        }
        if inExponent {
            // The exponent of a value near zero may exceed Int; any equally extreme exponent gives the same results.
            written = Int(exponentText) ?? (exponentText.hasPrefix("-") ? -1 << 40 : 1 << 40)
            written = max(-1 << 40, min(1 << 40, written))
        }
        var exponent = written - fraction
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        self.digits = digits
        self.exponent = digits.isEmpty ? 0 : exponent
        isNegative = !digits.isEmpty && text.utf8.first == UInt8(ascii: "-")
    }

    private init(isNegative: Bool, digits: [UInt8], exponent: Int) {
        self.isNegative = isNegative
        self.digits = digits
        self.exponent = exponent
    }

    /// The number times a power of ten.
    package func scaled(byTenTo power: Int) -> ExactDecimal {
        isZero
            ? self
            : ExactDecimal(isNegative: isNegative, digits: digits, exponent: exponent + power)
    }

    package var isZero: Bool { digits.isEmpty }
    package var isInteger: Bool { exponent >= 0 }
}

extension ExactDecimal: Comparable {
    package static func < (a: ExactDecimal, b: ExactDecimal) -> Bool {
        if a.sign != b.sign { return a.sign < b.sign }
        return a.isNegative ? b.isSmallerInMagnitude(than: a) : a.isSmallerInMagnitude(than: b)
    }

    private var sign: Int { isZero ? 0 : isNegative ? -1 : 1 }

    private func isSmallerInMagnitude(than other: ExactDecimal) -> Bool {
        let place = digits.count + exponent
        let otherPlace = other.digits.count + other.exponent
        return place == otherPlace
            ? digits.lexicographicallyPrecedes(other.digits) : place < otherPlace
    }
}
