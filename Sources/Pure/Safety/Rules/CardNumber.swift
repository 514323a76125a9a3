/// The number of a payment card: a range of an issuer, a length of that range, and Luhn's check digit.
enum CardNumber {
    /// The first digits of a range, and the lengths of its numbers (the networks' published ranges).
    private static let ranges: [(first: ClosedRange<Int>, digits: Int, lengths: [Int])] = [
        // Visa
        (4...4, 1, [13, 16, 19]),
        // Mastercard
        (51...55, 2, [16]),
        (2221...2720, 4, [16]),
        // American Express
        (34...34, 2, [15]),
        (37...37, 2, [15]),
        // Discover
        (6011...6011, 4, [16, 17, 18, 19]),
        (644...649, 3, [16, 17, 18, 19]),
        (65...65, 2, [16, 17, 18, 19]),
        // Diners Club
        (300...305, 3, [14, 16, 19]),
        (3095...3095, 4, [14, 16, 19]),
        (36...36, 2, [14, 16, 19]),
        (38...39, 2, [14, 16, 19]),
        // JCB
        (3528...3589, 4, [16, 17, 18, 19]),
        // UnionPay
        (62...62, 2, [16, 17, 18, 19]),
        (8100...8171, 4, [16, 17, 18, 19]),
        // Maestro
        (5018...5018, 4, [12, 13, 14, 15, 16, 17, 18, 19]),
        (5020...5020, 4, [12, 13, 14, 15, 16, 17, 18, 19]),
        (5038...5038, 4, [12, 13, 14, 15, 16, 17, 18, 19]),
        (5893...5893, 4, [12, 13, 14, 15, 16, 17, 18, 19]),
        (6304...6304, 4, [12, 13, 14, 15, 16, 17, 18, 19]),
        (6759...6759, 4, [12, 13, 14, 15, 16, 17, 18, 19]),
        (6761...6763, 4, [12, 13, 14, 15, 16, 17, 18, 19]),
        // Mir
        (2200...2204, 4, [16, 17, 18, 19]),
    ]

    /// The digits of the shortest number. So many are three groups of a longer one, so they are a number alone.
    private static let shortest = 12

    /// Returns whether a match is a number, or begins with one before a separator: the digits of something else can
    /// follow it.
    static func isValid(_ value: [UInt8]) -> Bool {
        let ends = value.indices.filter { !(0x30...0x39).contains(value[$0]) }
        return isWhole(value[...])
            || ends.contains { end in
                let digits = DecimalDigits.of(value[..<end]).count
                return digits > shortest && isWhole(value[..<end])
            }
    }

    /// Returns whether the digits of a text are a number.
    static func isWhole(_ value: ArraySlice<UInt8>) -> Bool {
        let digits = DecimalDigits.of(value)
        guard !DecimalDigits.areOne(digits), DecimalDigits.areLuhn(digits),
            !DecimalDigits.areSequence(value)
        else { return false }
        return ranges.contains { range in
            range.lengths.contains(digits.count)
                && range.first.contains(DecimalDigits.number(digits.prefix(range.digits)))
        }
    }
}
