import InterlockJSON

/// A JSON number without rounding: digits times a power of ten. Different spellings of one number (`1`, `1.0`, `10e-1`)
/// are equal.
struct ExactDecimal: Hashable, Sendable {
    private let isNegative: Bool
    /// The digits, 0...9 each, without leading and trailing zeros; empty for zero.
    private let digits: [UInt8]
    /// The power of ten of the last digit, or 0 for zero.
    private let exponent: Int

    init(_ value: Int64) { self.init(text: String(value)) }
    init(_ number: JSONNumber) { self.init(text: number.text) }

    /// - Returns: nil if the value is not a number.
    init?(_ value: JSONValue) {
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

    var isZero: Bool { digits.isEmpty }
    var isPositive: Bool { !isNegative && !isZero }
    var isInteger: Bool { exponent >= 0 }

    /// The maximum number of digits of a divisor; the compiler of schemas rejects longer ones.
    static let maximumDivisorDigits = 18
    var canDivide: Bool { isPositive && digits.count <= Self.maximumDivisorDigits }

    /// - Precondition: `divisor.canDivide`.
    func isMultiple(of divisor: ExactDecimal) -> Bool {
        if isZero { return true }
        let shift = exponent - divisor.exponent
        // The last digit is not zero, so a divisor with a greater power of ten does not divide the number.
        guard shift >= 0 else { return false }
        let modulus = UInt128(divisor.digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1) })
        var rest: UInt128 = 0
        for digit in digits { rest = (rest * 10 + UInt128(digit)) % modulus }
        var power: UInt128 = 10 % modulus
        var count = shift
        while count > 0 {
            if count & 1 == 1 { rest = rest * power % modulus }
            power = power * power % modulus
            count >>= 1
        }
        return rest == 0
    }
}

extension ExactDecimal: Comparable {
    static func < (a: ExactDecimal, b: ExactDecimal) -> Bool {
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
