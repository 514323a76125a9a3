/// The check digits of numbers that states give to people. A match may begin with the words that name the number, which
/// have no digits.
enum NationalNumber {
    // MARK: Digits alone

    /// Australia, tax file number: weights, modulo 11.
    static func isAustralian(_ digits: [Int]) -> Bool {
        digits.count == 9 && !DecimalDigits.areOne(digits)
            && DecimalDigits.sum(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0
    }

    /// Belgium: 97 less the remainder of nine digits, before which those born since 2000 have a 2.
    static func isBelgian(_ digits: [Int]) -> Bool {
        guard digits.count == 11 else { return false }
        let number = DecimalDigits.number(digits.prefix(9))
        let check = DecimalDigits.number(digits.suffix(2))
        return [number, 2_000_000_000 + number].contains { 97 - $0 % 97 == check }
    }

    /// Brazil, CPF: two check digits, modulo 11.
    static func isBrazilian(_ digits: [Int]) -> Bool {
        guard digits.count == 11, !DecimalDigits.areOne(digits) else { return false }
        return [9, 10].allSatisfy { count in
            let weights = Array((2...count + 1).reversed())
            return DecimalDigits.sum(digits, weights) * 10 % 11 % 10 == digits[count]
        }
    }

    /// Canada, Social Insurance Number: Luhn; none begins with 0 or 8.
    static func isCanadian(_ digits: [Int]) -> Bool {
        digits.count == 9 && digits[0] != 0 && digits[0] != 8 && DecimalDigits.areLuhn(digits)
    }

    /// Switzerland, AHV number: EAN-13.
    static func isSwiss(_ digits: [Int]) -> Bool {
        digits.count == 13
            && DecimalDigits.sum(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0
    }

    /// Germany, tax identification number: ISO 7064, MOD 11,10; one of the first ten digits is there twice or three times.
    static func isGerman(_ digits: [Int]) -> Bool {
        guard digits.count == 11, digits[0] != 0 else { return false }
        let first = digits.prefix(10)
        let most = (0...9).map { digit in first.count(where: { $0 == digit }) }.max() ?? 0
        guard most == 2 || most == 3 else { return false }
        var product = 10
        for digit in first {
            let sum = (product + digit) % 10
            product = (sum == 0 ? 10 : sum) * 2 % 11
        }
        return (11 - product) % 10 == digits[10]
    }

    /// India, Aadhaar: Verhoeff's check digit; none begins with 0 or 1.
    static func isIndian(_ digits: [Int]) -> Bool {
        digits.count == 12 && digits[0] > 1 && Verhoeff.isValid(digits)
    }

    /// The Netherlands, BSN: the eleven test, in which the last digit counts negatively.
    static func isDutch(_ digits: [Int]) -> Bool {
        digits.count == 9 && !DecimalDigits.areOne(digits)
            && (DecimalDigits.sum(digits, [9, 8, 7, 6, 5, 4, 3, 2]) - digits[8]) % 11 == 0
    }

    /// Norway: two check digits, modulo 11.
    static func isNorwegian(_ digits: [Int]) -> Bool {
        digits.count == 11 && !DecimalDigits.areOne(digits)
            && DecimalDigits.sum(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 == 0
            && DecimalDigits.sum(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0
    }

    /// Poland, PESEL: weights, modulo 10.
    static func isPolish(_ digits: [Int]) -> Bool {
        digits.count == 11 && !DecimalDigits.areOne(digits)
            && DecimalDigits.sum(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0
    }

    /// Portugal, NIF: weights, modulo 11.
    static func isPortuguese(_ digits: [Int]) -> Bool {
        guard digits.count == 9, !DecimalDigits.areOne(digits) else { return false }
        let check = 11 - DecimalDigits.sum(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11
        return digits[8] == (check > 9 ? 0 : check)
    }

    /// Sweden: Luhn over the last ten digits.
    static func isSwedish(_ digits: [Int]) -> Bool {
        (digits.count == 10 || digits.count == 12) && !DecimalDigits.areOne(digits)
            && DecimalDigits.areLuhn(Array(digits.suffix(10)))
    }

    /// United Kingdom, NHS number: weights, modulo 11.
    static func isOfHealthService(_ digits: [Int]) -> Bool {
        digits.count == 10 && !DecimalDigits.areOne(digits)
            && DecimalDigits.sum(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0
    }

    /// United States: it has no check digit; parts that were never given out.
    static func isOfSocialSecurity(_ digits: [Int]) -> Bool {
        guard digits.count == 9 else { return false }
        let area = DecimalDigits.number(digits.prefix(3))
        return area != 0 && area != 666 && area < 900
            && DecimalDigits.number(digits[3..<5]) != 0
            && DecimalDigits.number(digits.suffix(4)) != 0
    }

    // MARK: Digits and letters

    /// China: ISO 7064, MOD 11-2.
    static func isChinese(_ value: [UInt8]) -> Bool {
        let text = Array(value.filter { isOfNumber($0) }.suffix(18))
        guard text.count == 18 else { return false }
        let digits = DecimalDigits.of(text.prefix(17))
        guard digits.count == 17 else { return false }
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        return text[17] == letter("10X98765432", DecimalDigits.sum(digits, weights) % 11)
    }

    /// Spain, NIF and NIE: the letter of the number modulo 23; X, Y and Z are 0, 1 and 2.
    static func isSpanish(_ value: [UInt8]) -> Bool {
        let text = value.filter { isOfNumber($0) }
        guard let check = text.last, text.count >= 9 else { return false }
        var number = 0
        for byte in text.dropLast().suffix(8) {
            switch byte {
            case 0x30...0x39: number = number * 10 + Int(byte) - 0x30
            case UInt8(ascii: "X")...UInt8(ascii: "Z"):
                number = number * 10 + Int(byte - UInt8(ascii: "X"))
            default: return false
            }
        }
        return check == letter("TRWAGMYFPDXBNJZSQVHLCKE", number % 23)
    }

    /// Finland: the character of nine digits modulo 31.
    static func isFinnish(_ value: [UInt8]) -> Bool {
        let text = Array(value.suffix(11))
        guard text.count == 11 else { return false }
        let digits = DecimalDigits.of(text.prefix(6) + text[7..<10])
        guard digits.count == 9 else { return false }
        return text[10]
            == letter("0123456789ABCDEFHJKLMNPRSTUVWXY", DecimalDigits.number(digits) % 31)
    }

    /// France, NIR: 97 less the remainder of the number; the departments 2A and 2B count as 19 and 18.
    static func isFrench(_ value: [UInt8]) -> Bool {
        var text = value.drop { !(0x30...0x39).contains($0) }.filter { isOfNumber($0) }
        guard text.count == 15 else { return false }
        if text[5] == UInt8(ascii: "2") {
            switch text[6] {
            case UInt8(ascii: "A"): text.replaceSubrange(5..<7, with: Array("19".utf8))
            case UInt8(ascii: "B"): text.replaceSubrange(5..<7, with: Array("18".utf8))
            default: break
            }
        }
        let digits = DecimalDigits.of(text)
        guard digits.count == 15 else { return false }
        return 97 - DecimalDigits.number(digits.prefix(13)) % 97
            == DecimalDigits.number(digits.suffix(2))
    }

    /// The values of the characters at odd places of an Italian fiscal code, of `0` to `9` and of `A` to `Z`.
    private static let oddDigits = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21]
    private static let oddLetters = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ]

    /// Italy: the letter of the sum of 15 characters modulo 26.
    static func isItalian(_ value: [UInt8]) -> Bool {
        let text = Array(value.suffix(16))
        guard text.count == 16 else { return false }
        var sum = 0
        for (index, byte) in text.dropLast().enumerated() {
            let isOdd = index % 2 == 0
            switch byte {
            case 0x30...0x39:
                let digit = Int(byte) - 0x30
                sum += isOdd ? oddDigits[digit] : digit
            case 0x41...0x5a:
                let digit = Int(byte) - 0x41
                sum += isOdd ? oddLetters[digit] : digit
            default: return false
            }
        }
        return text[15] == letter("ABCDEFGHIJKLMNOPQRSTUVWXYZ", sum % 26)
    }

    /// Singapore, NRIC and FIN: weights, modulo 11.
    static func isSingaporean(_ value: [UInt8]) -> Bool {
        let text = Array(value.suffix(9))
        guard text.count == 9 else { return false }
        let digits = DecimalDigits.of(text[1..<8])
        guard digits.count == 7 else { return false }
        let isLater = text[0] == UInt8(ascii: "T") || text[0] == UInt8(ascii: "G")
        let isCitizen = text[0] == UInt8(ascii: "S") || text[0] == UInt8(ascii: "T")
        let sum = DecimalDigits.sum(digits, [2, 7, 6, 5, 4, 3, 2]) + (isLater ? 4 : 0)
        return text[8] == letter(isCitizen ? "JZIHGFEDCBA" : "XWUTRQPNMLK", sum % 11)
    }

    /// True for digits and letters, and not for what is written between them.
    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: false
        }
    }

    private static func letter(_ letters: StaticString, _ index: Int) -> UInt8 {
        Array(letters.description.utf8)[index]
    }
}
