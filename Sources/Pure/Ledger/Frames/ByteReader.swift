package import InterlockModel

/// Reads big-endian fields from a byte array, never past its end.
package struct ByteReader {
    package let bytes: [UInt8]
    package private(set) var position: Int
    package let end: Int

    package init(_ bytes: [UInt8], in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    package var isAtEnd: Bool { position == end }

    package mutating func take(_ count: Int) -> Range<Int>? {
        guard count >= 0, count <= end - position else { return nil }
        defer { position += count }
        return position..<position + count
    }

    package mutating func integer(_ width: Int) -> UInt64? {
        guard let range = take(width) else { return nil }
        var value: UInt64 = 0
        for place in range { value = value << 8 | UInt64(bytes[place]) }
        return value
    }

    package mutating func digest() -> Digest? {
        guard let a = integer(8), let b = integer(8), let c = integer(8), let d = integer(8) else {
            return nil
        }
        return Digest(words: (a, b, c, d))
    }
}

extension [UInt8] {
    package mutating func appendInteger(_ value: UInt64, width: Int) {
        for place in stride(from: (width - 1) * 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> UInt64(place)))
        }
    }
}
