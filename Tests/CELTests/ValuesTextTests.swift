import InterlockTesting
import Testing

@testable import InterlockPolicyCEL

@Suite struct ValuesTextTests {
    @Test(
        arguments: [
            "null", "[1, 2u, 3.0, true]", #"{"a": null, 1: b"\x00\\\"a"}"#, #""line\nbreak""#,
            "optional.none()", "optional.of(1)", #"timestamp("2026-02-01T00:00:00Z")"#,
            #"duration("-0.5s")"#, "google.protobuf.Duration", #"cidr("10.0.0.0/8")"#,
            #"double("NaN")"#, #"ip("2001:db8::1")"#,
        ])
    func `a value's text is an expression that gives it`(text: String) throws {
        #expect(try valueOf(text).text == text)
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0, 0, 0, 0, 1], "::1"), ([0, 0, 0, 0, 0, 0, 0, 0], "::"),
            ([1, 0, 0, 2, 0, 0, 0, 3], "1:0:0:2::3"), ([1, 0, 0, 2, 3, 0, 0, 4], "1::2:3:0:0:4"),
            ([1, 0, 2, 3, 4, 5, 6, 7], "1:0:2:3:4:5:6:7"),
            ([0xabcd, 1, 0, 0, 0, 0, 0, 0], "abcd:1::"),
        ])
    func `addresses are written as RFC 5952 says`(groups: [UInt16], expected: String) {
        let bytes = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        #expect(CELAddress(bytes: bytes).text == expected)
    }

    @Test func `a text is found where trying every place finds it`() {
        var random = SeededGenerator.announced()
        for _ in 0..<5000 {
            // Two letters only, so that parts of the text match nearly everywhere.
            func letters(_ most: Int) -> [UInt8] {
                (0..<Int.random(in: 0...most, using: &random)).map { _ in
                    UInt8.random(in: 0x61...0x62, using: &random)
                }
            }
            let text = letters(200)
            var part = letters(6)
            if Bool.random(using: &random), let start = text.indices.randomElement(using: &random) {
                part = Array(text[start...].prefix(.random(in: 0...120, using: &random)))
                if Bool.random(using: &random) { part += letters(1) }
            }
            let isThere =
                part.count <= text.count
                && (0...(text.count - part.count)).contains {
                    text[$0...].starts(with: part)
                }
            let found = text.span.contains(part.span)
            #expect(found == isThere, "\(text) \(part)")
        }
    }
}
