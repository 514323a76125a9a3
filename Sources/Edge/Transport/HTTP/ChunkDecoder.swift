/// A strict decoder of the chunked coding (RFC 9112, section 7.1): CRLF only, sizes of at most 8 digits; extensions and
/// trailers are bounded and dropped.
struct ChunkDecoder: Sendable {
    private static let sizeDigits = 8
    private static let extensionBytes = 256
    /// The limit for all extensions of a message, which could otherwise cost 256 times as much as the content.
    private static let allExtensionBytes = 8 * 1024
    private static let trailerBytes = 8 * 1024

    private enum State {
        case size(value: Int, digits: Int)
        case `extension`(size: Int, bytes: Int)
        case sizeEnd(size: Int)
        case data(remaining: Int)
        case dataReturn
        case dataEnd
        /// The start of a trailer line.
        case trailerStart
        case trailer
        case trailerEnd
        case lastEnd
        case done
    }
    private var state = State.size(value: 0, digits: 0)
    private var trailerCount = 0
    private var extensionCount = 0

    var isDone: Bool { if case .done = state { true } else { false } }

    /// Appends the content to `body`; stops at the end of the message.
    /// - Returns: the number of consumed bytes, which is all of them unless the message ended.
    mutating func decode(_ bytes: Span<UInt8>, into body: inout [UInt8], limitBytes: Int)
        throws(HTTPFault) -> Int
    {
        var place = 0
        while place < bytes.count, !isDone {
            if case .data(let remaining) = state {
                let count = min(remaining, bytes.count - place)
                bytes.append(place..<(place + count), to: &body)
                place += count
                state = count == remaining ? .dataReturn : .data(remaining: remaining - count)
            } else {
                try step(bytes[place], held: body.count, limitBytes)
                place += 1
            }
        }
        return place
    }

    private mutating func step(_ byte: UInt8, held: Int, _ limitBytes: Int) throws(HTTPFault) {
        switch state {
        case .size(let value, let digits):
            if let digit = HTTPBytes.hexValue(byte) {
                guard digits < Self.sizeDigits else { throw HTTPFault(400, "chunk size") }
                state = .size(value: value << 4 | digit, digits: digits + 1)
                return
            }
            guard digits > 0 else { throw HTTPFault(400, "chunk size") }
            guard value <= limitBytes - held else {
                throw HTTPFault(413, "body above \(limitBytes) bytes")
            }
            switch byte {
            case HTTPBytes.cr: state = .sizeEnd(size: value)
            case UInt8(ascii: ";"): state = .extension(size: value, bytes: 0)
            default: throw HTTPFault(400, "chunk size")
            }
        case .extension(let size, let count):
            if byte == HTTPBytes.cr {
                state = .sizeEnd(size: size)
            } else {
                extensionCount += 1
                guard HTTPBytes.isValue(byte), count < Self.extensionBytes,
                    extensionCount <= Self.allExtensionBytes
                else { throw HTTPFault(400, "chunk extension") }
                state = .extension(size: size, bytes: count + 1)
            }
        case .sizeEnd(let size):
            try expect(byte, HTTPBytes.lf)
            state = size == 0 ? .trailerStart : .data(remaining: size)
        case .dataReturn:
            try expect(byte, HTTPBytes.cr)
            state = .dataEnd
        case .dataEnd:
            try expect(byte, HTTPBytes.lf)
            state = .size(value: 0, digits: 0)
        case .trailerStart:
            if byte == HTTPBytes.cr {
                state = .lastEnd
            } else {
                guard HTTPBytes.token.contains(byte) else { throw HTTPFault(400, "trailer") }
                state = .trailer
                try countTrailer()
            }
        case .trailer:
            if byte == HTTPBytes.cr {
                state = .trailerEnd
            } else {
                guard HTTPBytes.isValue(byte) else { throw HTTPFault(400, "trailer") }
                try countTrailer()
            }
        case .trailerEnd:
            try expect(byte, HTTPBytes.lf)
            state = .trailerStart
        case .lastEnd:
            try expect(byte, HTTPBytes.lf)
            state = .done
        case .data, .done: return
        }
    }

    private func expect(_ byte: UInt8, _ wanted: UInt8) throws(HTTPFault) {
        guard byte == wanted else { throw HTTPFault(400, "chunk framing") }
    }

    private mutating func countTrailer() throws(HTTPFault) {
        trailerCount += 1
        guard trailerCount <= Self.trailerBytes else { throw HTTPFault(431, "trailers too large") }
    }
}
