/// The digits of a match. Words around a number have none.
enum DecimalDigits {
    static func of(_ value: some Sequence<UInt8>) -> [Int] {
        value.filter { (0x30...0x39).contains($0) }.map { Int($0) - 0x30 }
    }

    /// The number that digits write.
    static func number(_ digits: some Sequence<Int>) -> Int { digits.reduce(0) { $0 * 10 + $1 } }

    /// The sum of digits times weights; further digits count nothing.
    static func sum(_ digits: [Int], _ weights: [Int]) -> Int {
        zip(digits, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// Luhn's check digit (ISO/IEC 7812-1, annex B).
    static func areLuhn(_ digits: [Int]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = place % 2 == 0 ? digit : 2 * digit
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }

    /// True if all are alike, as in a placeholder.
    static func areOne(_ digits: [Int]) -> Bool {
        digits.allSatisfy { $0 == digits.first }
    }
}

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
        (300...305, 3, [14, 16]),
        (36...36, 2, [14, 16]),
        (38...39, 2, [14, 16]),
        // JCB
        (3528...3589, 4, [16, 17, 18, 19]),
        // UnionPay
        (62...62, 2, [16, 17, 18, 19]),
    ]

    static func isValid(_ value: [UInt8]) -> Bool {
        let digits = DecimalDigits.of(value)
        guard !DecimalDigits.areOne(digits), DecimalDigits.areLuhn(digits) else { return false }
        return ranges.contains { range in
            range.lengths.contains(digits.count)
                && range.first.contains(DecimalDigits.number(digits.prefix(range.digits)))
        }
    }
}

/// An account number of ISO 13616. The match may go on behind it after a space.
enum AccountNumber {
    /// The lengths of the countries (IBAN Registry, release 98).
    private static let lengths: [String: Int] = {
        let table = """
            AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22
            CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22
            GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30
            KZ20 LB28 LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31
            MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24
            SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
            """
        var lengths: [String: Int] = [:]
        for entry in table.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            lengths[String(entry.prefix(2))] = Int(entry.dropFirst(2))
        }
        return lengths
    }()

    static func isValid(_ value: [UInt8]) -> Bool {
        guard let length = lengths[String(decoding: value.prefix(2), as: UTF8.self)] else {
            return false
        }
        var text: [UInt8] = []
        var end = 0
        for byte in value where text.count < length {
            end += 1
            if byte != UInt8(ascii: " ") { text.append(byte) }
        }
        let isWhole = end == value.count || value[end] == UInt8(ascii: " ")
        guard text.count == length, isWhole else { return false }
        return remainder(of: text.dropFirst(4) + text.prefix(4)) == 1
    }

    /// The remainder of the number modulo 97; a letter is two digits, from 10 for A.
    private static func remainder(of text: some Sequence<UInt8>) -> Int? {
        var rest = 0
        for byte in text {
            switch byte {
            case 0x30...0x39: rest = (rest * 10 + Int(byte) - 0x30) % 97
            case 0x41...0x5a: rest = (rest * 100 + Int(byte) - 0x41 + 10) % 97
            default: return nil
            }
        }
        return rest
    }
}
