import InterlockMCP
import InterlockTesting
import Testing

@Suite struct `Text in routing headers` {
    @Test(arguments: [
        ("tickets__get", "tickets__get"), ("", ""), ("a b", "a b"), (" a", "=?base64?IGE=?="),
        ("hällo", "=?base64?aMOkbGxv?="), ("a\r\nb", "=?base64?YQ0KYg==?="),
        ("=?base64?YQ==?=", "=?base64?PT9iYXNlNjQ/WVE9PT89?="),
    ])
    func `what a header cannot carry is wrapped`(text: String, value: String) {
        #expect(HeaderText.encode(text) == value)
        #expect(HeaderText.decode(value) == text)
    }

    @Test(arguments: [
        "=?base64?YQ=?=", "=?base64?YR==?=", "=?base64?!?=", "=?base64?/w==?=", "=?base64?Y Q==?=",
    ])
    func `a wrapped value that nothing is written as is no text`(value: String) {
        #expect(HeaderText.decode(value) == nil)
    }

    @Test func `any text comes back`() {
        var random = SeededGenerator.announced()
        for _ in 0..<2000 {
            let scalars = (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x2FF, using: &random))
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            #expect(HeaderText.decode(HeaderText.encode(text)) == text)
        }
    }
}
