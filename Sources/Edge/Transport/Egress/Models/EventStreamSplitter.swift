/// Divides a stream of server-sent events into whole events, whose bytes stay as they are, so that a comment can be put
/// between two of them (WHATWG HTML, section 9.2.6: a line ends with LF, CR or both, an event with an empty line).
package struct EventStreamSplitter: Sendable {
    private var held: [UInt8] = []
    private var isLineEmpty = true
    private var isAfterReturn = false

    package init() {}

    /// The bytes of the last, incomplete event.
    package var heldBytes: Int { held.count }

    /// - Returns: the bytes up to the end of the last complete event; nothing if these complete none.
    package mutating func feed(_ bytes: [UInt8]) -> [UInt8] {
        let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        var end: Int?
        for (place, byte) in bytes.enumerated() {
            let endsReturn = isAfterReturn && byte == newline
            isAfterReturn = byte == carriageReturn
            if endsReturn {
                // The second half of a line end belongs to the event that the first half ended.
                if end == place { end = place + 1 }
            } else if byte == newline || byte == carriageReturn {
                if isLineEmpty { end = place + 1 }
                isLineEmpty = true
            } else {
                isLineEmpty = false
            }
        }
        guard let end else {
            held += bytes
            return []
        }
        let whole = held + bytes[..<end]
        held = Array(bytes[end...])
        return whole
    }

    /// Takes the bytes of an event that will not be completed.
    package mutating func takeRest() -> [UInt8] {
        defer { held = [] }
        return held
    }
}
