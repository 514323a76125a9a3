import InterlockJSON

/// The questions of schemas about numbers.
extension ExactDecimal {
    var isPositive: Bool { !isNegative && !isZero }

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
