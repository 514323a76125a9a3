import InterlockEgress
import InterlockMCP
import InterlockTransport

extension Invariants {
    /// A provider's answer states the same however it arrives; its events are passed on whole, without a byte more or
    /// less.
    package static func modelAnswer(_ bytes: [UInt8]) {
        var whole = ModelAnswerReader()
        whole.read(events: bytes)
        for size in [1, 2, 7] {
            var (reader, splitter) = (ModelAnswerReader(), EventStreamSplitter())
            var passed: [UInt8] = []
            var commented: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = Array(bytes[start..<min(bytes.count, start + size)])
                reader.read(events: piece)
                let events = splitter.feed(piece)
                passed += events
                if !events.isEmpty { commented += events + Array(":\n\n".utf8) }
            }
            precondition(reader.statement == whole.statement, "pieces make no difference")
            precondition(splitter.heldBytes == bytes.count - passed.count, "no byte is lost")
            let rest = splitter.takeRest()
            precondition(passed + rest == bytes, "the bytes stay as they are")
            precondition(
                data(of: commented + rest) == data(of: bytes), "a comment fits between events")
        }
        check(whole.statement)
        var document = ModelAnswerReader()
        document.read(whole: bytes)
        check(document.statement)
        if let model = try? ModelPrompt.model(in: bytes) {
            precondition(ModelID(model.text) == model, "a model's id is one")
        }
    }

    private static func check(_ statement: ModelStatement) {
        let usage = statement.usage
        for count in [usage.input, usage.output, usage.cacheRead, usage.cacheWritten] {
            precondition(count.map { ModelUsage.counts.contains($0) } ?? true, "a count has bounds")
        }
        precondition(
            statement.model.map { $0.text.utf8.count <= ModelID.longest } ?? true,
            "a model's id has bounds")
    }

    private static func data(of bytes: [UInt8]) -> [[UInt8]]? {
        var parser = SSEParser()
        return (try? parser.feed(bytes))?.map(\.data)
    }
}
