import InterlockJSON
import Testing

@Suite struct `Parsing JSON` {
    static let small = JSONLimits(depth: 4, bytes: 200)

    @Test(
        arguments: [
            ("null", JSONValue.null), (" true ", true), ("false", false), ("0", 0), ("-1", -1),
            ("9007199254740991", 9_007_199_254_740_991),
            ("-9007199254740991", -9_007_199_254_740_991),
            ("-0", .number(JSONNumber(text: "-0", double: -0.0))),
            ("1.0", .number(JSONNumber(text: "1.0", double: 1))),
            ("1E+2", .number(JSONNumber(text: "1E+2", double: 100))),
            ("1e21", .number(JSONNumber(text: "1e21", double: 1e21))),
            (#""""#, ""), (#""aé漢😀""#, "aé漢😀"),
            (#""\u0041\n\"\\\/\b\f\r\t""#, "A\n\"\\/\u{8}\u{c}\r\t"),
            (#""\ud83d\ude00 \uD83D\uDE00""#, "😀 😀"), (#""\u0000""#, "\0"),
            ("[]", []), ("[1,[2]]", [1, [2]]), ("\t[ 1 ,\r\n2 ] ", [1, 2]), ("{}", [:]),
            (#"{"b":1,"a":{"b":[]}}"#, ["b": 1, "a": ["b": []]]),
            ("[[[[]]]]", [[[[]]]]),
        ] as [(String, JSONValue)])
    func `well-formed text becomes its value`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8), limits: Self.small) == value)
    }

    @Test(
        arguments: [
            ("", JSONError.Kind.unexpectedEnd, 0), (" ", .unexpectedEnd, 1),
            ("[1", .unexpectedEnd, 2),
            (#"{"a""#, .unexpectedEnd, 4), (#""abc"#, .unexpectedEnd, 4),
            (#""\u12"#, .unexpectedEnd, 5),
            ("tru", .unexpectedEnd, 3), ("-", .unexpectedEnd, 1), ("1.", .unexpectedEnd, 2),
            ("1e+", .unexpectedEnd, 3), (#""\"#, .unexpectedEnd, 2),
            ("nul1", .syntax, 3), ("NaN", .syntax, 0), ("Infinity", .syntax, 0),
            ("-Infinity", .syntax, 1),
            ("01", .syntax, 1), ("-01", .syntax, 2), ("+1", .syntax, 0), (".5", .syntax, 0),
            ("1.e1", .syntax, 2), ("0x10", .trailing, 1), ("[1,]", .syntax, 3),
            ("[,1]", .syntax, 1),
            (#"{"a":1,}"#, .syntax, 7), ("{a:1}", .syntax, 1), ("{'a':1}", .syntax, 1),
            (#"{"a" 1}"#, .syntax, 5), ("[1 2]", .syntax, 3), ("/**/1", .syntax, 0),
            ("\"a\tb\"", .syntax, 2), ("\"\0\"", .syntax, 1), (#""\x41""#, .syntax, 2),
            (#""\u00g0""#, .syntax, 5), ("\u{a0}1", .syntax, 0), ("\0", .syntax, 0),
            ("]", .syntax, 0),
            ("1 2", .trailing, 2), ("{}}", .trailing, 2), ("null\0", .trailing, 4),
            ("\u{feff}1", .byteOrderMark, 0),
            ("[[[[[]]]]]", .depth, 4), (#"{"a":[{"b":[{}]}]}"#, .depth, 12),
            (#"{"a":1,"a":1}"#, .duplicateKey, 7), (#"{"a":1,"\u0061":2}"#, .duplicateKey, 7),
            (#"[{"x":{"k":1,"k":2}}]"#, .duplicateKey, 13),
            (#""\ud800""#, .loneSurrogate, 1), (#""\udc00""#, .loneSurrogate, 1),
            (#""a\ud800\u0041""#, .loneSurrogate, 2), (#""\ud800x""#, .loneSurrogate, 1),
            (#""\ud83d\ud83d""#, .loneSurrogate, 1),
            ("[9007199254740992]", .integerRange, 1), ("-9007199254740992", .integerRange, 0),
            ("18446744073709551617", .integerRange, 0),
            ("100000000000000000000000", .integerRange, 0),
            ("9007199254740993.0", .integerRange, 0), ("[1e20]", .integerRange, 1),
            ("1e400", .numberRange, 0), ("[0,-1e309]", .numberRange, 3),
        ] as [(String, JSONError.Kind, Int)])
    func `what is no strict JSON is refused at its place`(
        text: String, kind: JSONError.Kind, offset: Int
    ) {
        #expect(throws: JSONError(kind, offset: offset)) {
            try JSONValue(parsing: Array(text.utf8), limits: Self.small)
        }
    }

    @Test func `a number has at most a thousand characters`() throws {
        let limits = JSONLimits(bytes: 2000, largeIntegers: .keep)
        let longest = Array(("0." + String(repeating: "1", count: 998)).utf8)
        let kept = try JSONValue(parsing: longest, limits: limits)
        #expect(kept.serialized() == longest)
        #expect(throws: JSONError(.numberLength, offset: 0)) {
            try JSONValue(parsing: longest + [0x31], limits: limits)
        }
        #expect(throws: JSONError(.numberLength, offset: 1)) {
            try JSONValue(parsing: [0x5b] + [UInt8](repeating: 0x31, count: 1001), limits: limits)
        }
    }

    @Test(
        arguments: [
            ([0x22, 0xff, 0x22], 1), ([0x22, 0x61, 0xc3, 0x22], 2), ([0x22, 0xc0, 0x80, 0x22], 1),
            ([0x22, 0xed, 0xa0, 0x80, 0x22], 1),
            ([0x22, 0x5c, 0x6e, 0xf5, 0x80, 0x80, 0x80, 0x22], 3),
            ([0x22, 0xf0, 0x9f, 0x5c, 0x6e, 0x22], 1),
        ] as [([UInt8], Int)])
    func `invalid UTF-8 is refused at its place`(bytes: [UInt8], offset: Int) {
        #expect(throws: JSONError(.invalidUTF8, offset: offset)) {
            try JSONValue(parsing: bytes, limits: Self.small)
        }
    }

    @Test func `a duplicate among many keys is found`() {
        let keys = (0..<40).map { "\"k\($0)\":0" } + ["\"k3\":1"]
        #expect(throws: JSONError(.duplicateKey, offset: 311)) {
            try JSONValue(
                parsing: Array(("{" + keys.joined(separator: ",") + "}").utf8), limits: .agent)
        }
    }

    @Test func `keys that only look alike are two members`() throws {
        let value = try JSONValue(parsing: Array("{\"é\":1,\"e\u{301}\":2}".utf8), limits: .agent)
        #expect(value["é"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(JSONValue.string("é") != .string("e\u{301}"))
    }

    @Test func `an upstream's large integers keep their text`() throws {
        let text = "[18446744073709551617,-9007199254740992]"
        let value = try JSONValue(parsing: Array(text.utf8), limits: .upstream)
        #expect(String(decoding: value.serialized(), as: UTF8.self) == text)
        #expect(throws: JSONError(.integerRange, offset: 0)) { try value.canonical() }
    }

    @Test func `too many bytes or values are refused`() {
        #expect(throws: JSONError(.size, offset: 3)) {
            try JSONValue(parsing: Array("[1,2]".utf8), limits: JSONLimits(bytes: 3))
        }
        #expect(throws: JSONError(.size, offset: 3)) {
            try JSONValue(parsing: Array("[1,2]".utf8), limits: JSONLimits(bytes: 9, values: 2))
        }
    }
}
