import InterlockMCP
import InterlockTesting
import Testing

@Suite struct `Event streams` {
    private func parse(_ text: String, pieces: Int = .max) throws -> [SSEEvent] {
        var parser = SSEParser()
        var events: [SSEEvent] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            events += try parser.feed(Array(rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
        }
        return events
    }

    @Test(
        arguments: [
            ("data: a\n\n", [SSEEvent(data: Array("a".utf8))]),
            ("data:a\r\ndata: b\r\n\r\n", [SSEEvent(data: Array("a\nb".utf8))]),
            ("data: a\rdata:\r\r", [SSEEvent(data: Array("a\n".utf8))]),
            (": comment\n\nevent: x\ndata: 1\n\n", [SSEEvent(name: "x", data: Array("1".utf8))]),
            (
                "\u{feff}id: 7\ndata: 1\n\ndata: 2\n\n",
                [
                    SSEEvent(id: "7", data: Array("1".utf8)),
                    SSEEvent(id: "7", data: Array("2".utf8)),
                ]
            ),
            ("id: 1\ndata\n\n", [SSEEvent(id: "1", data: [])]),
            ("id: 9\n\nretry: 100\n\n", []), ("data: unfinished\n", []), ("", []),
            ("data:  two\nunknown: x\n\n", [SSEEvent(data: Array(" two".utf8))]),
        ] as [(String, [SSEEvent])])
    func `events are read whatever the pieces are`(stream: String, events: [SSEEvent]) throws {
        for pieces in [1, 2, 3, .max] {
            #expect(try parse(stream, pieces: pieces) == events)
        }
    }

    @Test func `a named waiting time is kept`() throws {
        var parser = SSEParser()
        _ = try parser.feed(Array("retry: 1500\nretry: x\n\n".utf8))
        #expect(parser.retryMilliseconds == 1500)
    }

    @Test func `an event above the limit is refused, also without a line's end`() throws {
        var parser = SSEParser(limitBytes: 10)
        #expect(throws: SSEError.eventTooLarge) { _ = try parser.feed(Array("data: 12345".utf8)) }
        var lines = SSEParser(limitBytes: 10)
        #expect(throws: SSEError.eventTooLarge) { _ = try lines.feed(Array("data:1\ndata:2".utf8)) }
        var many = SSEParser(limitBytes: 10)
        for _ in 0..<10 { #expect(try many.feed(Array("data: 1\n\n:com\n\n".utf8)).count == 1) }
    }

    @Test func `what is encoded is read back`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<500 {
            let data = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let event = SSEEvent(name: "message", id: "e1", data: data)
            var parser = SSEParser()
            let read = try parser.feed(event.encoded())
            // A carriage return in the data is a line break as well.
            let expected = data.split(omittingEmptySubsequences: false) { $0 == 10 || $0 == 13 }
            #expect(read == [SSEEvent(id: "e1", data: Array(expected.joined(separator: [10])))])
        }
        let sly = SSEEvent(name: "a\ndata: x", id: "1\r\ndata: y", data: Array("z".utf8))
        #expect(text(sly.encoded()) == "id: 1\nevent: a\ndata: z\n\n")
    }
}
