extension Span<UInt8> {
    /// Returns the offset of the first byte in a range with which an edit may begin: `%`, `\`, `&` or one beyond ASCII; or
    /// the end of the range. Most texts have few of them, so this is what they cost: 32 bytes are compared at a time.
    @inline(__always)
    func firstEdit(in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let bytes = unsafe bytes
        var index = range.lowerBound
        while range.upperBound &- index >= 32 {
            let found =
                edits(in: word(bytes, index)) | edits(in: word(bytes, index &+ 8))
                | edits(in: word(bytes, index &+ 16)) | edits(in: word(bytes, index &+ 24))
            if found != 0 { break }
            index &+= 32
        }
        while range.upperBound &- index >= 8 {
            let found = edits(in: word(bytes, index))
            if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < range.upperBound {
            let byte = self[index]
            if byte >= 0x80 || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\")
                || byte == UInt8(ascii: "&")
            {
                return index
            }
            index &+= 1
        }
        return range.upperBound
    }
}

/// Returns a word in which the lowest bit that is set is the highest of the first byte with which an edit may begin; 0 if
/// there is none. Of the bits above it nothing is known, because a subtraction borrows from the byte after it.
@inline(__always)
private func edits(in word: UInt64) -> UInt64 {
    (word | zeros(in: word ^ each(0x25)) | zeros(in: word ^ each(0x5c))
        | zeros(in: word ^ each(0x26))) & each(0x80)
}

@inline(__always)
private func zeros(in word: UInt64) -> UInt64 { (word &- each(1)) & ~word }

/// Returns a word that consists of 8 times the byte.
@inline(__always)
private func each(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

/// - Precondition: 8 bytes follow `index`. The caller has compared it with the count.
@inline(__always)
private func word(_ bytes: RawSpan, _ index: Int) -> UInt64 {
    UInt64(
        littleEndian: unsafe bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: index, as: UInt64.self))
}
