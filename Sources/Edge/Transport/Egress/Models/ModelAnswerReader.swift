package import InterlockEgress
import InterlockJSON
import InterlockMCP

/// Reads the model and the tokens that a provider's answer states, while it passes. An answer in another form than JSON or
/// events with JSON states nothing.
package struct ModelAnswerReader: Sendable {
    package private(set) var statement = ModelStatement()
    private var events: SSEParser? = SSEParser(limitBytes: ModelAnswerReader.eventLimits.bytes)

    /// The limits of one event. A larger one is passed on, and nothing is read after it.
    private static let eventLimits = JSONLimits(
        depth: 64, bytes: 4 << 20, values: 400_000, largeIntegers: .keep)
    /// An event without this word states no tokens and needs no parse.
    private static let sign = Array("\"usage\"".utf8)

    package init() {}

    /// Reads a piece of an event stream.
    package mutating func read(events bytes: [UInt8]) {
        guard let read = try? events?.feed(bytes) else {
            events = nil
            return
        }
        for event in read where Self.hasSign(event.data) {
            guard
                let document = try? JSONValue(parsing: event.data, limits: Self.eventLimits)
            else { continue }
            statement.read(document)
        }
    }

    /// Reads a whole answer.
    package mutating func read(whole body: [UInt8]) {
        guard Self.hasSign(body), let document = try? JSONValue(parsing: body, limits: .stored)
        else { return }
        statement.read(document)
    }

    private static func hasSign(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= sign.count else { return false }
        for start in 0...(bytes.count - sign.count)
        where bytes[start] == sign[0] && bytes[start + 1] == sign[1] {
            if bytes[start..<(start + sign.count)].elementsEqual(sign) { return true }
        }
        return false
    }
}
