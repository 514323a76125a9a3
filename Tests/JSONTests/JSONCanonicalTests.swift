import InterlockJSON
import Testing

@Suite struct `Canonical JSON` {
    private func canonical(_ text: String) throws -> String {
        String(
            decoding: try JSONValue(parsing: Array(text.utf8), limits: .upstream).canonical(),
            as: UTF8.self)
    }

    /// RFC 8785, appendix B: bit patterns and their text.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"), (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"), (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"), (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"), (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"),
            (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func `numbers are written as ECMAScript writes them`(bits: UInt64, text: String) throws {
        let number = try #require(JSONNumber(Double(bitPattern: bits)))
        #expect(number.text == text)
        // A double has one canonical form, whatever its own spelling was.
        let other = JSONNumber(text: "\(Double(bitPattern: bits))", double: number.double)
        guard !other.hasNoCanonicalForm else { return }
        #expect(
            String(decoding: try JSONValue.number(other).canonical(), as: UTF8.self) == text)
    }

    @Test(
        arguments: [
            (
                "[1.0, 4.50, 2e-3, 1E30, -0, 0.000000000000000000000000001]",
                "[1,4.5,0.002,1e+30,0,1e-27]"
            ),
            (#"{"b":[ ],"a":{ },"":null}"#, #"{"":null,"a":{},"b":[]}"#),
            (
                #"{"\u20ac":"Euro Sign","\r":"CR","\ufb33":"Dalet","1":"One","\ud83d\ude00":"Smile","\u0080":"C","\u00f6":"o"}"#,
                "{\"\\r\":\"CR\",\"1\":\"One\",\"\u{80}\":\"C\",\"ö\":\"o\",\"€\":\"Euro Sign\",\"😀\":\"Smile\",\"\u{fb33}\":\"Dalet\"}"
            ),
            (#""\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/""#, #""€$\u000f\nA'B\"\\\\\"/""#),
        ] as [(String, String)])
    func `keys are sorted and texts have one spelling`(text: String, expected: String) throws {
        #expect(try canonical(text) == expected)
    }

    @Test(arguments: ["9007199254740992.0", "-9.1e15", "1e20", "18446744073709551615"])
    func `what would become an integer beyond 2^53-1 has no canonical form`(text: String) throws {
        let value = try JSONValue(parsing: Array(text.utf8), limits: .upstream)
        #expect(throws: JSONError(.integerRange, offset: 0)) { try value.canonical() }
        #expect(throws: JSONError(.integerRange, offset: 0)) {
            try JSONValue(parsing: Array(text.utf8), limits: .agent)
        }
    }

    @Test func `canonical bytes are told from others`() {
        #expect(JSONValue.isCanonical(Array(#"{"a":[1,"x"],"b":0.5}"#.utf8)))
        for text in [
            #"{"b":1,"a":1}"#, "[1, 2]", "1.0", "-0", #""\u0041""#, "9007199254740992", "{",
        ] {
            #expect(!JSONValue.isCanonical(Array(text.utf8)), "\(text)")
        }
    }
}
