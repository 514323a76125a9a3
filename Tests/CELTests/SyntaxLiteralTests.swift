import InterlockPolicy
import InterlockPolicyCEL
import Testing

@Suite struct SyntaxLiteralTests {
    @Test(arguments: [
        ("0", "0"), ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"), ("0x1F", "31"), ("-0xf", "-15"),
        ("- 5", "-5"), ("7u", "7u"), ("0xFFFFFFFFFFFFFFFFU", "18446744073709551615u"),
        ("1.5", "1.5d"), (".5", "0.5d"), ("1e3", "1000.0d"), ("2.5E-1", "0.25d"),
        ("-0.0", "-0.0d"), ("1e-999", "0.0d"), ("007", "7"), ("true", "true"), ("null", "null"),
    ])
    func `numbers and constants`(text: String, value: String) throws {
        #expect(try outline(text) == value)
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "0x8000000000000000",
        "18446744073709551616u", "1e999", "0x", "1_000", "1a", "0xg", "1.5u", "1e", "1.", "..5",
    ])
    func `numbers out of range or misspelled are refused`(text: String) {
        #expect(problem(text)?.kind == .syntax)
    }

    @Test(arguments: [
        (#"'a"b'"#, #"a"b"#), (#""a'b""#, "a'b"), ("''", ""), ("''''''", ""),
        ("'''a'b''c'''", "a'b''c"), ("\"\"\"a\nb\"\"\"", "a\nb"),
        (#"'\a\b\f\n\r\t\v\\\?\"\'\`'"#, "\u{7}\u{8}\u{c}\n\r\t\u{b}\\?\"'`"),
        (#"'\x41\X4a\101\u00e9\U0001F600'"#, "AJA\u{e9}\u{1f600}"),
        (#"'\xff\377'"#, "\u{ff}\u{ff}"),
        (#"r'\n\'"#, #"\n\"#), (#"R"\x""#, #"\x"#), (#"r'''\'''"#, #"\"#),
        ("'// no comment'", "// no comment"), ("'\u{1f600}'", "\u{1f600}"),
    ])
    func `strings`(text: String, value: String) throws {
        guard case .literal(.string(let string)) = try CELParser.parse(text).nodes[0].kind else {
            Issue.record("no string")
            return
        }
        #expect(Array(string.utf8) == Array(value.utf8))
    }

    @Test(
        arguments: [
            (#"b'a\xff\377\000'"#, [0x61, 0xff, 0xff, 0]), (#"B"é""#, [0xc3, 0xa9]),
            (#"bR'\x'"#, [0x5c, 0x78]), ("b''", []),
        ] as [(String, [UInt8])])
    func `bytes are octets`(text: String, value: [UInt8]) throws {
        guard case .literal(.bytes(let bytes)) = try CELParser.parse(text).nodes[0].kind else {
            Issue.record("no bytes")
            return
        }
        #expect(bytes == value)
    }

    @Test(arguments: [
        ("'", 0), ("'a\nb'", 0), ("'a\rb'", 0), ("'''a''", 0), (#"'\'"#, 0), (#"'\"#, 1),
        (#"'\q'"#, 1), (#"'\x4'"#, 1), (#"'\u12'"#, 1), (#"'\400'"#, 1), (#"'\08'"#, 1),
        (#"'\ud800'"#, 1), (#"'\U00110000'"#, 1), (#"'\UFFFFFFFF'"#, 1), (#"b'\u0041'"#, 2),
        (#"b'\U00000041'"#, 2), ("rb'a'", 2), ("'ab' 'c'", 5), ("a.`b", 2), ("a.``", 2),
        ("a.`b\\c`", 2), ("`a`", 0),
    ])
    func `strings that are open or have a bad escape are refused at their place`(
        text: String, offset: Int
    ) {
        #expect(problem(text)?.kind == .syntax)
        #expect(problem(text)?.offset == offset)
    }
}
