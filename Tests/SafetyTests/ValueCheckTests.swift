import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockSafety

/// Check digits by the examples that issuers and standards publish.
@Suite(.requirement("R082")) struct `Check digits` {
    @Test(
        arguments: [
            // The card networks' documented test numbers.
            (.card, "4111111111111111"), (.card, "4111 1111 1111 1111"), (.card, "378282246310005"),
            (.card, "5555-5555-5555-4444"), (.card, "6011111111111117"),
            (.card, "3530111333300000"),
            (.card, "2223003122003222"), (.card, "30569309025904"),
            // Numbers with the digits of the ranges that were published later.
            (.card, "2202343261810127"), (.card, "6759320219055631"), (.card, "630402721066"),
            (.card, "5020237379656348691"), (.card, "8123638545776546"), (.card, "30955431963080"),
            // IBAN Registry; the match may continue with a word.
            (.iban, "DE89 3704 0044 0532 0130 00"), (.iban, "GB82WEST12345698765432"),
            (.iban, "FR1420041010050500013M02606"), (.iban, "NO9386011117947"),
            (.iban, "MT84MALT011000012345MTLCAST001S"),
            (.iban, "BI4210000100010000332045181"), (.iban, "DJ2100010000000154000100186"),
            (.iban, "FK88SC123456789012"), (.iban, "HN88CABF00000000000250005469"),
            (.iban, "LY83002048000020100120361"), (.iban, "MN121234123456789123"),
            (.iban, "NI45BAPR00000013000003558124"), (.iban, "OM810180000001299123456"),
            (.iban, "RU0304452522540817810538091310419"), (.iban, "SD8811123456789012"),
            (.iban, "SO211000001001000100141"), (.iban, "YE15CBYE0001018861234567891234"),
            (.iban, "DE89 3704 0044 0532 0130 00 ABCD"),
            (.iban, "de89370400440532013000"), (.iban, "DE89-3704-0044-0532-0130-00"),
            (.iban, "DE89.3704.0044.0532.0130.00"), (.iban, "gb82 west 1234 5698 7654 32"),
            (.namedAccount, "fr1420041010050500013m02606"),
            (.namedAccount, "MT84-MALT-0110-0001-2345-MTLC-AST0-01S"),
            (.australianTaxFileNumber, "TFN 123 456 782"),
            (.belgianNationalNumber, "85.07.30-033.28"),
            (.belgianNationalNumber, "17 07 30 033 84"),
            (.brazilianTaxpayerNumber, "111.444.777-35"),
            (.canadianInsuranceNumber, "130 692 544"), (.swissInsuranceNumber, "756.9217.0769.85"),
            (.chineseResidentNumber, "11010519491231002X"), (.germanTaxNumber, "86095742719"),
            (.germanTaxNumber, "47036892816"),
            (.spanishTaxNumber, "12.345.678-Z"), (.chineseResidentNumber, "110105 19491231 002X"),
            (.frenchInsuranceNumber, "2.55.08.14.168.025.38"),
            (.spanishTaxNumber, "12345678Z"), (.spanishTaxNumber, "NIE X1234567L"),
            (.finnishPersonalCode, "hetu 131052-308T"),
            (.frenchInsuranceNumber, "2 55 08 14 168 025 38"),
            (.indianResidentNumber, "2341 2341 2346"),
            (.italianFiscalCode, "codice fiscale RSSMRA85T10A562S"),
            (.dutchServiceNumber, "111222333"),
            (.norwegianBirthNumber, "01010750160"), (.polishPersonalNumber, "44051401359"),
            (.portugueseTaxNumber, "123456789"),
            (.swedishPersonalNumber, "811218-9876"), (.swedishPersonalNumber, "198112189876"),
            (.singaporeanIdentityNumber, "S1234567D"),
            (.britishHealthServiceNumber, "943 476 5919"),
            (.americanSocialSecurityNumber, "219-09-9999"),
        ] as [(ValueCheck, String)])
    func `a published example has its check digit, and no other digit has it`(
        check: ValueCheck, text: String
    ) {
        let value = Array(text.utf8)
        #expect(check.holds(of: value, hashing: SumHashing()))
        // A number of the United States has no check digit; centuries of Sweden, and words behind an account, count nothing.
        guard check != .americanSocialSecurityNumber, !text.hasSuffix("ABCD"),
            !text.hasPrefix("1981")
        else {
            return
        }
        for index in value.indices where (0x30...0x39).contains(value[index]) {
            var other = value
            other[index] = value[index] == 0x39 ? 0x30 : value[index] + 1
            #expect(!check.holds(of: other, hashing: SumHashing()), "\(index) of \(text)")
        }
    }

    @Test(
        arguments: [
            ("4556 7375 8689 9855 123", true), ("4556-7375-8689-9855-123", true),
            ("4556737586899855 123", true), ("4556737586899855123", false),
            ("4556 7375 8689 9854 123", false), ("123 4556", false),
            ("6759 0266 5719", true), ("6759 0266 5719 2460", false),
        ])
    func `digits behind a separator do not hide a card`(text: String, isCard: Bool) {
        #expect(ValueCheck.card.holds(of: Array(text.utf8), hashing: SumHashing()) == isCard)
    }

    @Test(
        arguments: [
            (.card, ""), (.card, "0000000000000000"), (.card, "1111111111111117"),
            // Offsets of a file.
            (.card, "3848 4488 5128 5768"), (.card, "3848 4488 5128 5768 6408"),
            (.card, "411111111111111"), (.card, "41111111111111111"), (.card, "9111111111111111"),
            (.iban, ""), (.iban, "DE"), (.iban, "DE89370400440532013"),
            (.iban, "ZZ89370400440532013000"),
            (.iban, "fr1420041010050500013m02606"), (.iban, "FR14-2004-1010-0505-0001-3M02-606"),
            (.card, "630402721067"), (.card, "540402721066"), (.card, "8223638545776546"),
            (.namedAccount, "de8937040044053201300"), (.namedAccount, ""),
            (.cardInObject, ""), (.cardBesideWords, ""), (.cardInObject, "card"),
            (.iban, "DE893704004405320130001"), (.iban, "DE8937040044053201300é"),
            (.base58check, ""), (.base58check, "0OIl"), (.base58check, "1111"),
            (.australianTaxFileNumber, "000000000"), (.belgianNationalNumber, "1"),
            (.brazilianTaxpayerNumber, "11111111111"),
            (.canadianInsuranceNumber, "046454286"), (.chineseResidentNumber, "X"),
            (.dutchServiceNumber, "000000000"), (.finnishPersonalCode, ""),
            (.frenchInsuranceNumber, "2A"), (.germanTaxNumber, "11111111111"),
            (.germanTaxNumber, "01234567890"),
            (.indianResidentNumber, "000000000000"),
            (.italianFiscalCode, "RSSMRA85T10A56"), (.norwegianBirthNumber, "00000000000"),
            (.polishPersonalNumber, "00000000000"),
            (.portugueseTaxNumber, ""),
            (.portugueseTaxNumber, "000000000"), (.swedishPersonalNumber, "000000-0000"),
            (.swedishPersonalNumber, "00000000-0000"), (.singaporeanIdentityNumber, "S"),
            (.spanishTaxNumber, "Z"), (.swedishPersonalNumber, "1"), (.swissInsuranceNumber, ""),
            (.britishHealthServiceNumber, "0000000000"),
            (.americanSocialSecurityNumber, "000-12-3456"),
            (.americanSocialSecurityNumber, "666-12-3456"),
            (.americanSocialSecurityNumber, "900-12-3456"),
            (.americanSocialSecurityNumber, "123-00-3456"),
            (.americanSocialSecurityNumber, "123-45-0000"),
        ] as [(ValueCheck, String)])
    func `what is cut, a placeholder or of no issuer has none`(check: ValueCheck, text: String) {
        #expect(!check.holds(of: Array(text.utf8), hashing: SumHashing()))
    }

    /// IBAN Registry, release 98: 89 countries and territories, with 15 to 33 characters.
    @Test func `accounts of each country of the registry are known`() {
        #expect(AccountNumber.lengths.count == 89)
        #expect(AccountNumber.lengths.values.allSatisfy { (15...33).contains($0) })
    }

    /// No length and no bytes end the process.
    @Test func `any bytes are answered`() {
        var chance = SeededGenerator.announced()
        let alphabet = Array("0123456789ABCDXZ -.2A".utf8)
        for check in ValueCheck.allCases {
            for length in 0...40 {
                var plain: [UInt8] = []
                var noise: [UInt8] = []
                for _ in 0..<length {
                    plain.append(alphabet.randomElement(using: &chance) ?? 0)
                    noise.append(UInt8.random(in: 0...255, using: &chance))
                }
                _ = check.holds(of: plain, hashing: SumHashing())
                _ = check.holds(of: noise, hashing: SumHashing())
            }
        }
    }
}
