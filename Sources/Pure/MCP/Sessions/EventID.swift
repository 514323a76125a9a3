/// The id of an event in a session: its stream, and its number in the stream. A client that lost a connection returns
/// it unchanged (`Last-Event-ID`).
package struct EventID: Sendable, Hashable, CustomStringConvertible {
    package let stream: Int
    package let number: Int

    private static let maximumBytes = 24

    package init(stream: Int, number: Int) {
        self.stream = stream
        self.number = number
    }

    /// - Returns: nil if the text is not an id of the form that sessions issue.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let stream = Int(parts[0]), let number = Int(parts[1]),
            stream >= 0, number >= 0
        else { return nil }
        self.init(stream: stream, number: number)
        // Each id has one spelling.
        guard description == text else { return nil }
    }

    package var description: String { "\(stream).\(number)" }
}
