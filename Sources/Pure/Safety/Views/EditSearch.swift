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
                edits(in: ByteWord.load(bytes, index))
                | edits(in: ByteWord.load(bytes, index &+ 8))
                | edits(in: ByteWord.load(bytes, index &+ 16))
                | edits(in: ByteWord.load(bytes, index &+ 24))
            if found != 0 { break }
            index &+= 32
        }
        while range.upperBound &- index >= 8 {
            let found = edits(in: ByteWord.load(bytes, index))
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

    /// Returns the offset of the first byte in a range that is one of two, or the end of the range.
    @inline(__always)
    func first(_ one: UInt8, or other: UInt8, in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let bytes = unsafe bytes
        var index = range.lowerBound
        while range.upperBound &- index >= 8 {
            let word = ByteWord.load(bytes, index)
            let found =
                (zeros(in: word ^ ByteWord.each(one)) | zeros(in: word ^ ByteWord.each(other)))
                & ByteWord.each(0x80)
            if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < range.upperBound, self[index] != one, self[index] != other { index &+= 1 }
        return index
    }
}

/// Returns a word in which the lowest bit that is set is the highest of the first byte with which an edit may begin; 0 if
/// there is none. Of the bits above it nothing is known, because a subtraction borrows from the byte after it.
@inline(__always)
private func edits(in word: UInt64) -> UInt64 {
    (word | zeros(in: word ^ ByteWord.each(0x25)) | zeros(in: word ^ ByteWord.each(0x5c))
        | zeros(in: word ^ ByteWord.each(0x26))) & ByteWord.each(0x80)
}

@inline(__always)
private func zeros(in word: UInt64) -> UInt64 { (word &- ByteWord.each(1)) & ~word }
