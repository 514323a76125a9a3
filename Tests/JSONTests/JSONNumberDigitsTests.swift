import InterlockTesting
import Testing

@testable import InterlockJSON

/// Numbers without an exponent.
@Suite struct JSONNumberDigitsTests {
    @Test(
        arguments: [
            ("4.5e3", "4500"), ("4539788403885421.0", "4539788403885421"), ("1E+2", "100"),
            ("-1e-3", "-0.001"), ("12.50", "12.5"), ("-0", "0"), ("0.0e9", "0"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1e63", "1" + String(repeating: "0", count: 63)), ("1e64", "1e64"), ("1e-99", "1e-99"),
        ])
    func `a number is written out, or as it is spelled if that is long`(
        text: String, digits: String
    ) throws {
        let double = try #require(Double(text))
        #expect(JSONNumber(text: text, double: double).digits == digits)
    }

    @Test func `digits are the same number`() throws {
        var chance = SeededGenerator.announced()
        for _ in 0..<2000 {
            let whole = Int.random(in: -1_000_000...1_000_000, using: &chance)
            let fraction = Int.random(in: 0...9999, using: &chance)
            let exponent = Int.random(in: -40...40, using: &chance)
            let text = "\(whole).\(fraction)e\(exponent)"
            let number = JSONNumber(text: text, double: try #require(Double(text)))
            let written = number.digits
            let again = JSONNumber(text: written, double: try #require(Double(written)))
            #expect(ExactDecimal(again) == ExactDecimal(number), "\(text): \(written)")
            #expect(!written.contains("e"), "\(text): \(written)")
        }
    }
}
