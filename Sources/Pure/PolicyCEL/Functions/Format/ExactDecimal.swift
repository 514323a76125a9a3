/// The exact decimal form of a finite double, so that it is rounded once and from its true value: `2.5` is
/// a tie at its first digit, but `1.2345` (which is 1.23449999...) is not one at its third. Ties go to the
/// even digit.
struct ExactDecimal {
    private let isNegative: Bool
    /// The digits, 0...9 each, most significant first; empty for zero.
    private let digits: [UInt8]
    /// The number of digits that follow the point.
    private let scale: Int

    /// - Parameter value: must be finite.
    init(_ value: Double) {
        isNegative = value.sign == .minus
        guard value != 0, value.isFinite else {
            digits = []
            scale = 0
            return
        }
        // value = odd * 2^power
        let bits =
            value.isNormal ? value.significandBitPattern | 1 << 52 : value.significandBitPattern
        let zeros = bits.trailingZeroBitCount
        let power = Int(max(value.exponentBitPattern, 1)) - 1075 + zeros
        var number = DecimalNatural(bits >> UInt64(zeros))
        if power >= 0 {
            number.multiply(by: 2, times: power)
            scale = 0
        } else {
            // odd / 2^n = odd * 5^n / 10^n
            number.multiply(by: 5, times: -power)
            scale = -power
        }
        digits = number.digits
    }

    /// Fixed-point notation with `places` digits after the point: `123.500`.
    func fixed(_ places: Int) -> String {
        var rounded = Self.round(digits, dropping: scale - places)
        // The text has at least one digit before the point.
        let missing = places + 1 - rounded.count
        if missing > 0 { rounded = [UInt8](repeating: 0, count: missing) + rounded }
        let whole = rounded.count - places
        return sign + Self.text(rounded[..<whole]) + Self.fraction(rounded[whole...])
    }

    /// Scientific notation with `places` digits after the point: `1.052033e+03`.
    func scientific(_ places: Int) -> String {
        guard !digits.isEmpty else {
            return sign + "0" + Self.fraction([UInt8](repeating: 0, count: places)[...]) + "e+00"
        }
        let rounded = Self.round(digits, dropping: digits.count - places - 1)
        // 9.99 becomes 10.0, with one digit more than requested, which is a zero.
        let carried = rounded.count - places - 1
        let exponent = digits.count - 1 - scale + carried
        let exponentText = String(exponent.magnitude)
        return sign + Self.text(rounded[..<1]) + Self.fraction(rounded.dropFirst().prefix(places))
            + "e"
            + (exponent < 0 ? "-" : "+") + (exponentText.utf8.count < 2 ? "0" : "") + exponentText
    }

    private var sign: String { isNegative ? "-" : "" }

    /// Removes the last `count` digits and rounds the rest; a negative count appends zeros.
    private static func round(_ digits: [UInt8], dropping count: Int) -> [UInt8] {
        guard count > 0 else { return digits + [UInt8](repeating: 0, count: -count) }
        // The value is less than a tenth of the last place kept, so it rounds to zero.
        guard count <= digits.count else { return [] }
        var kept = Array(digits.dropLast(count))
        let dropped = digits.suffix(count)
        let isAbove = dropped.first.map { $0 > 5 } ?? false
        let isHalf = dropped.first == 5 && dropped.dropFirst().allSatisfy { $0 == 0 }
        let isOdd = (kept.last ?? 0) % 2 == 1
        guard isAbove || (dropped.first == 5 && (!isHalf || isOdd)) else { return kept }
        var place = kept.count
        while place > 0 && kept[place - 1] == 9 {
            kept[place - 1] = 0
            place -= 1
        }
        if place > 0 { kept[place - 1] += 1 } else { kept.insert(1, at: 0) }
        return kept
    }

    private static func fraction(_ digits: ArraySlice<UInt8>) -> String {
        digits.isEmpty ? "" : "." + text(digits)
    }

    private static func text(_ digits: ArraySlice<UInt8>) -> String {
        String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    }
}

/// A natural number of any size that can be multiplied and read in decimal.
private struct DecimalNatural {
    /// Groups of nine decimal digits, least significant first.
    private var limbs: [UInt64] = []
    private static let base: UInt64 = 1_000_000_000

    init(_ value: UInt64) {
        var rest = value
        while rest > 0 {
            limbs.append(rest % Self.base)
            rest /= Self.base
        }
    }

    /// - Parameter factor: 2 or 5.
    mutating func multiply(by factor: UInt64, times: Int) {
        // Twelve factors are applied at once: 5^12 < 10^9, so products and carries stay far below 2^64.
        var left = times
        while left > 0 {
            let step = min(left, 12)
            multiply(by: (0..<step).reduce(1) { product, _ in product * factor })
            left -= step
        }
    }

    private mutating func multiply(by factor: UInt64) {
        var carry: UInt64 = 0
        for place in limbs.indices {
            let product = limbs[place] * factor + carry
            limbs[place] = product % Self.base
            carry = product / Self.base
        }
        if carry > 0 { limbs.append(carry) }
    }

    var digits: [UInt8] {
        var digits: [UInt8] = []
        for limb in limbs {
            var rest = limb
            for _ in 0..<9 {
                digits.append(UInt8(rest % 10))
                rest /= 10
            }
        }
        while digits.last == 0 { digits.removeLast() }
        return digits.reversed()
    }
}
