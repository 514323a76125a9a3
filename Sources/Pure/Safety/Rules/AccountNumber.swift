/// An account number of ISO 13616. The match may continue behind it after a separator.
enum AccountNumber {
    /// The lengths by the letters of the countries (IBAN Registry, release 98).
    static let lengths: [UInt16: Int] = {
        let table = """
            AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21
            CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18
            FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23
            IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27
            MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28
            PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27
            SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
            """
        var lengths: [UInt16: Int] = [:]
        for entry in table.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            lengths[AccountNumber.country(Array(entry.utf8))] = Int(entry.dropFirst(2))
        }
        return lengths
    }()

    /// The first two bytes, of at least two.
    private static func country(_ text: [UInt8]) -> UInt16 {
        UInt16(text[0]) << 8 | UInt16(text[1])
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte) }

    private static func upper(_ byte: UInt8) -> UInt8 {
        (0x61...0x7a).contains(byte) ? byte & 0xdf : byte
    }

    /// The characters of an account in upper case, without separators.
    static func plain(_ value: [UInt8]) -> [UInt8] {
        value.filter { !isSeparator($0) }.map { upper($0) }
    }

    /// Returns the end of the account with which a match begins; that of the match, if it begins with none.
    static func end(in text: Span<UInt8>, _ match: Range<Int>) -> Int {
        guard match.count > 2,
            let length = lengths[
                country([upper(text[match.lowerBound]), upper(text[match.lowerBound + 1])])]
        else { return match.upperBound }
        var count = 0
        for place in match {
            if !isSeparator(text[place]) { count += 1 }
            if count == length { return place + 1 }
        }
        return match.upperBound
    }

    /// - Parameter isNamed: true if a word says that the value is an account. Without one, an account in lower case or with
    ///   other separators than spaces has no letters but those of its country and four that follow the check digits:
    ///   identifiers are written so, too.
    static func isValid(_ value: [UInt8], isNamed: Bool = false) -> Bool {
        guard value.count > 2,
            let length = lengths[country([upper(value[0]), upper(value[1])])]
        else { return false }
        var text: [UInt8] = []
        var end = 0
        for byte in value where text.count < length {
            end += 1
            if !isSeparator(byte) { text.append(upper(byte)) }
        }
        let isWhole = end == value.count || isSeparator(value[end])
        guard text.count == length, isWhole else { return false }
        guard isNamed || isPrinted(value[..<end]) || isOfDigits(text) else { return false }
        return remainder(of: text.dropFirst(4) + text.prefix(4)) == 1
    }

    /// True for capitals and digits with spaces between them, as accounts are printed.
    private static func isPrinted(_ value: ArraySlice<UInt8>) -> Bool {
        value.allSatisfy { byte in
            byte == UInt8(ascii: " ") || !isSeparator(byte) && upper(byte) == byte
        }
    }

    /// True if digits follow the check digits, or four letters and then digits.
    private static func isOfDigits(_ text: [UInt8]) -> Bool {
        let rest = text.dropFirst(4)
        let isBank = rest.prefix(4).allSatisfy { isLetter($0) }
        return rest.dropFirst(isBank ? 4 : 0).allSatisfy { (0x30...0x39).contains($0) }
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
