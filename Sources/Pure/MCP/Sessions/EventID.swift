/// Which event of a session's streams: the stream, and the event's number there. A client that lost a
/// connection hands it back as it was given (`Last-Event-ID`).
package struct EventID: Sendable, Hashable, CustomStringConvertible {
    package let stream: Int
    package let number: Int

    private static let maximumBytes = 24

    package init(stream: Int, number: Int) {
        self.stream = stream
        self.number = number
    }

    /// - Returns: nil for a text that no session has given away.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let stream = Int(parts[0]), let number = Int(parts[1]),
            stream >= 0, number >= 0
        else { return nil }
        self.init(stream: stream, number: number)
        // An id has one spelling.
        guard description == text else { return nil }
    }

    package var description: String { "\(stream).\(number)" }
}
