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
            // IBAN Registry; the match may go on with a word.
            (.iban, "DE89 3704 0044 0532 0130 00"), (.iban, "GB82WEST12345698765432"),
            (.iban, "FR1420041010050500013M02606"), (.iban, "NO9386011117947"),
            (.iban, "MT84MALT011000012345MTLCAST001S"), (.iban, "DE89 3704 0044 0532 0130 00 ABCD"),
            (.australian, "TFN 123 456 782"), (.belgian, "85.07.30-033.28"),
            (.belgian, "17 07 30 033 84"), (.brazilian, "111.444.777-35"),
            (.canadian, "130 692 544"), (.swiss, "756.9217.0769.85"),
            (.chinese, "11010519491231002X"), (.german, "86095742719"), (.german, "47036892816"),
            (.spanish, "12345678Z"), (.spanish, "NIE X1234567L"), (.finnish, "hetu 131052-308T"),
            (.french, "2 55 08 14 168 025 38"), (.indian, "2341 2341 2346"),
            (.italian, "codice fiscale RSSMRA85T10A562S"), (.dutch, "111222333"),
            (.norwegian, "01010750160"), (.polish, "44051401359"), (.portuguese, "123456789"),
            (.swedish, "811218-9876"), (.swedish, "198112189876"), (.singaporean, "S1234567D"),
            (.healthService, "943 476 5919"), (.socialSecurity, "219-09-9999"),
        ] as [(ValueCheck, String)])
    func `a published example has its check digit, and no other digit has it`(
        check: ValueCheck, text: String
    ) {
        let value = Array(text.utf8)
        #expect(check.holds(of: value))
        // A number of the United States has no check digit; centuries of Sweden, and words behind an account, count nothing.
        guard check != .socialSecurity, !text.hasSuffix("ABCD"), !text.hasPrefix("1981") else {
            return
        }
        for index in value.indices where (0x30...0x39).contains(value[index]) {
            var other = value
            other[index] = value[index] == 0x39 ? 0x30 : value[index] + 1
            #expect(!check.holds(of: other), "\(index) of \(text)")
        }
    }

    @Test(
        arguments: [
            (.card, ""), (.card, "0000000000000000"), (.card, "1111111111111117"),
            (.card, "411111111111111"), (.card, "41111111111111111"), (.card, "9111111111111111"),
            (.iban, ""), (.iban, "DE"), (.iban, "DE89370400440532013"),
            (.iban, "ZZ89370400440532013000"),
            (.iban, "DE893704004405320130001"), (.iban, "DE8937040044053201300é"),
            (.base58check, ""), (.base58check, "0OIl"), (.base58check, "1111"),
            (.australian, "000000000"), (.belgian, "1"), (.brazilian, "11111111111"),
            (.canadian, "046454286"), (.chinese, "X"), (.dutch, "000000000"), (.finnish, ""),
            (.french, "2A"), (.german, "11111111111"), (.german, "01234567890"),
            (.indian, "000000000000"),
            (.italian, "RSSMRA85T10A56"), (.norwegian, "00000000000"), (.polish, "00000000000"),
            (.portuguese, ""), (.singaporean, "S"), (.spanish, "Z"), (.swedish, "1"), (.swiss, ""),
            (.healthService, "0000000000"), (.socialSecurity, "000-12-3456"),
            (.socialSecurity, "666-12-3456"), (.socialSecurity, "900-12-3456"),
            (.socialSecurity, "123-00-3456"), (.socialSecurity, "123-45-0000"),
        ] as [(ValueCheck, String)])
    func `what is cut, a placeholder or of no issuer has none`(check: ValueCheck, text: String) {
        #expect(!check.holds(of: Array(text.utf8)))
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
                _ = check.holds(of: plain)
                _ = check.holds(of: noise)
            }
        }
    }

    /// The example of BIP 32, test vector 1, and a key of the Bitcoin wiki; in parts.
    @Test func `base 58 has the checksum of its bytes`() {
        let keys = [
            "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd" + "4dZ1jvhTVqvbTLvyTJ",
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3"
                + "TGtRBeJgk33yuGBxrMPHi",
        ]
        for key in keys {
            let value = Array(key.utf8)
            #expect(ValueCheck.base58check.holds(of: value))
            var other = value
            other[20] = other[20] == UInt8(ascii: "z") ? UInt8(ascii: "y") : UInt8(ascii: "z")
            #expect(!ValueCheck.base58check.holds(of: other))
        }
    }

    /// FIPS 180-4, the examples of one and of two blocks.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `the checksum is SHA-256`(text: String, digest: String) {
        let digits = Array("0123456789abcdef".utf8)
        var hexadecimal: [UInt8] = []
        for byte in SHA256Sum.digest(of: Array(text.utf8)) {
            hexadecimal += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        #expect(String(decoding: hexadecimal, as: UTF8.self) == digest)
    }
}
