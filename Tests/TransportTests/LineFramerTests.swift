import InterlockTransport
import Testing

@Suite struct LineFramerTests {
    static func lines(_ text: String, pieceBytes: Int, limitBytes: Int = 10) throws -> [String] {
        var framer = LineFramer(limitBytes: limitBytes)
        var lines: [String] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            lines += try framer.feed(Array(rest.prefix(pieceBytes)))
                .map { String(decoding: $0, as: UTF8.self) }
            rest = rest.dropFirst(pieceBytes)
        }
        return lines
    }

    @Test(arguments: 1...12)
    func `lines are the same however the bytes are cut`(pieceBytes: Int) throws {
        let lines = try Self.lines("one\n\ntwo\r\n0123456789\nrest", pieceBytes: pieceBytes)
        #expect(lines == ["one", "", "two", "0123456789"])
    }

    @Test(arguments: [1, 5, 100])
    func `a line above the limit is refused, with and without its end`(pieceBytes: Int) {
        #expect(throws: LineFramer.LineTooLong.self) {
            try Self.lines("a\n0123456789x\n", pieceBytes: pieceBytes)
        }
        #expect(throws: LineFramer.LineTooLong.self) {
            try Self.lines("a\n0123456789x", pieceBytes: pieceBytes)
        }
    }
}
