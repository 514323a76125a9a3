import InterlockMCP

extension Invariants {
    /// The parser yields the same events however the input is split, and each event can be written and read again.
    package static func sse(_ bytes: [UInt8]) {
        let whole = read([bytes])
        let middle = bytes.isEmpty ? 0 : Int(bytes[0]) % bytes.count
        precondition(
            read([Array(bytes[..<middle]), Array(bytes[middle...])]) == whole,
            "pieces make no difference")
        precondition(read(bytes.map { [$0] }) == whole, "single bytes make no difference")
        for event in whole ?? [] {
            precondition(read([event.encoded()]) == [event], "an event is read back")
        }
    }

    /// - Returns: nil if an event exceeds the limit of 4,096 bytes.
    private static func read(_ pieces: [[UInt8]]) -> [SSEEvent]? {
        var parser = SSEParser(limitBytes: 4096)
        var events: [SSEEvent] = []
        for piece in pieces {
            guard let more = try? parser.feed(piece) else { return nil }
            events += more
        }
        return events
    }
}
