import InterlockJSON
package import InterlockModel

/// A property that values of one kind have by definition.
package enum ValueCheck: String, Sendable, Hashable, CaseIterable {
    /// The last six characters are the CRC-32 of those between the prefix, which ends with `_`, and them, in base 62
    /// (GitHub's and npm's tokens).
    case crc32Base62 = "crc32-base62"
    /// Two parts in base64url that are JSON objects, the first with `alg` (RFC 7515). The second may be cut.
    case jwt
    /// The checksum of BIP 173 (age's keys).
    case bech32
    /// The four bytes of a double SHA-256 behind a value in base 58 (keys of Bitcoin).
    case base58check
    /// The text of a key follows a marker of private keys.
    case keyMaterial = "key-material"
    /// No text of a key follows a marker of private keys.
    case noKeyMaterial = "no-key-material"
    /// A card's number: its issuer's range and length, and Luhn's digit.
    case card
    /// An account of ISO 13616: the length of its country, and 1 modulo 97.
    case iban
    /// An account of ISO 13616 behind the word for it, in any case and with any separators.
    case namedAccount = "iban-named"
    /// A card's number is among the members that follow the word for a card.
    case cardInObject = "card-object"
    /// A card's number is a member, and words of cards are among the members that follow.
    case cardBesideWords = "card-words"
    // Numbers that states give to people, by country.
    case australianTaxFileNumber = "au-tfn"
    case belgianNationalNumber = "be-national-number"
    case brazilianTaxpayerNumber = "br-cpf"
    case canadianInsuranceNumber = "ca-sin"
    case swissInsuranceNumber = "ch-ahv"
    case chineseResidentNumber = "cn-resident-id"
    case germanTaxNumber = "de-tax-id"
    case spanishTaxNumber = "es-nif"
    case finnishPersonalCode = "fi-hetu"
    case frenchInsuranceNumber = "fr-nir"
    case indianResidentNumber = "in-aadhaar"
    case italianFiscalCode = "it-fiscal-code"
    case dutchServiceNumber = "nl-bsn"
    case norwegianBirthNumber = "no-birth-number"
    case polishPersonalNumber = "pl-pesel"
    case portugueseTaxNumber = "pt-nif"
    case swedishPersonalNumber = "se-personal-number"
    case singaporeanIdentityNumber = "sg-nric"
    case britishHealthServiceNumber = "uk-nhs"
    case americanSocialSecurityNumber = "us-ssn"

    /// True if the bytes behind a match are passed to the check, too.
    var readsAhead: Bool {
        switch self {
        case .keyMaterial, .noKeyMaterial, .cardInObject, .cardBesideWords: true
        default: false
        }
    }

    /// The bytes that a search passes in the time of one check, for the bound of its work. Most checks read few bytes that
    /// the pattern has read.
    package var work: Int {
        switch self {
        // Arithmetic of many digits for each character, and two hashes.
        case .base58check: 8 << 10
        case .keyMaterial, .noKeyMaterial: KeyMaterial.reach
        // Most lines are passed at their first byte.
        case .cardInObject: CardObject.reach / 4
        case .cardBesideWords: CardObject.reach
        default: 0
        }
    }

    /// - Parameters:
    ///   - value: a match; of a check that reads ahead, with the bytes behind it, up to the longest match in all.
    ///   - hashing: the hash that checksums are made of.
    package func holds(of value: [UInt8], hashing: any Hashing) -> Bool {
        switch self {
        case .crc32Base62: Self.hasChecksum(value)
        case .jwt: Self.isToken(value)
        case .bech32: Bech32.isValid(value)
        case .base58check: Base58Check.isValid(value, hashing: hashing)
        case .keyMaterial: KeyMaterial.follows(markerOf: value)
        case .noKeyMaterial: !KeyMaterial.follows(markerOf: value)
        case .card: CardNumber.isValid(value)
        case .iban: AccountNumber.isValid(value)
        case .namedAccount: AccountNumber.isValid(value, isNamed: true)
        case .cardInObject: CardObject.number(in: value.span, from: 0) != nil
        case .cardBesideWords: CardObject.hasWords(behindNumberOf: value)
        case .australianTaxFileNumber: NationalNumber.isAustralian(DecimalDigits.of(value))
        case .belgianNationalNumber: NationalNumber.isBelgian(DecimalDigits.of(value))
        case .brazilianTaxpayerNumber: NationalNumber.isBrazilian(DecimalDigits.of(value))
        case .canadianInsuranceNumber: NationalNumber.isCanadian(DecimalDigits.of(value))
        case .swissInsuranceNumber: NationalNumber.isSwiss(DecimalDigits.of(value))
        case .chineseResidentNumber: NationalNumber.isChinese(value)
        case .germanTaxNumber: NationalNumber.isGerman(DecimalDigits.of(value))
        case .spanishTaxNumber: NationalNumber.isSpanish(value)
        case .finnishPersonalCode: NationalNumber.isFinnish(value)
        case .frenchInsuranceNumber: NationalNumber.isFrench(value)
        case .indianResidentNumber: NationalNumber.isIndian(DecimalDigits.of(value))
        case .italianFiscalCode: NationalNumber.isItalian(value)
        case .dutchServiceNumber: NationalNumber.isDutch(DecimalDigits.of(value))
        case .norwegianBirthNumber: NationalNumber.isNorwegian(DecimalDigits.of(value))
        case .polishPersonalNumber: NationalNumber.isPolish(DecimalDigits.of(value))
        case .portugueseTaxNumber: NationalNumber.isPortuguese(DecimalDigits.of(value))
        case .swedishPersonalNumber: NationalNumber.isSwedish(DecimalDigits.of(value))
        case .singaporeanIdentityNumber: NationalNumber.isSingaporean(value)
        case .britishHealthServiceNumber: NationalNumber.isOfHealthService(DecimalDigits.of(value))
        case .americanSocialSecurityNumber:
            NationalNumber.isOfSocialSecurity(DecimalDigits.of(value))
        }
    }

    private static let checksumLength = 6

    private static func hasChecksum(_ value: [UInt8]) -> Bool {
        guard let prefix = value.firstIndex(of: UInt8(ascii: "_")) else { return false }
        let rest = value[(prefix + 1)...]
        guard rest.count > checksumLength else { return false }
        let sum = CRC32.checksum(of: rest.dropLast(checksumLength))
        return rest.suffix(checksumLength).elementsEqual(base62(sum))
    }

    /// The digits and letters of ASCII: the digits of base 62.
    static let digits = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// Six digits, the most significant first.
    static func base62(_ number: UInt32) -> [UInt8] {
        var rest = number
        var text: [UInt8] = []
        for _ in 0..<checksumLength {
            text.append(digits[Int(rest % 62)])
            rest /= 62
        }
        return text.reversed()
    }

    private static func isToken(_ value: [UInt8]) -> Bool {
        let parts = value.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        let limits = JSONLimits(depth: 8, bytes: RulePattern.longestMatch)
        guard let header = Base64.decodeURL(String(decoding: parts[0], as: UTF8.self)),
            let object = try? JSONValue(parsing: header, limits: limits),
            object["alg"]?.string != nil
        else { return false }
        // A long payload is matched as far as the pattern goes.
        let whole = parts[1].prefix(parts[1].count / 4 * 4)
        guard let payload = Base64.decodeURL(String(decoding: whole, as: UTF8.self)) else {
            return false
        }
        return payload.starts(with: "{\"".utf8)
    }
}

/// CRC-32 of IEEE 802.3, as zip and PNG have it.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in
            sum & 1 == 1 ? 0xedb8_8320 ^ (sum >> 1) : sum >> 1
        }
    }

    static func checksum(of bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            table[Int((sum ^ UInt32(byte)) & 0xff)] ^ (sum >> 8)
        }
    }
}

/// The checksum of BIP 173, which age's keys have, for text in one case.
enum Bech32 {
    private static let letters = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    private static let generator: [UInt32] = [
        0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3,
    ]

    static func isValid(_ value: [UInt8]) -> Bool {
        let text = value.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        guard let separator = text.lastIndex(of: UInt8(ascii: "1")) else { return false }
        let prefix = text[..<separator]
        var values = prefix.map { UInt32($0 >> 5) } + [0] + prefix.map { UInt32($0 & 31) }
        for letter in text[(separator + 1)...] {
            guard let value = letters.firstIndex(of: letter) else { return false }
            values.append(UInt32(value))
        }
        return values.reduce(1, step) == 1
    }

    private static func step(_ sum: UInt32, _ value: UInt32) -> UInt32 {
        var next = (sum & 0x1ff_ffff) << 5 ^ value
        for (bit, term) in generator.enumerated() where (sum >> 25) >> UInt32(bit) & 1 == 1 {
            next ^= term
        }
        return next
    }
}
