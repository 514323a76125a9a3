extension Span<UInt8> {
    /// Returns how often a byte occurs. Eight bytes are compared at a time.
    package func count(of byte: UInt8) -> Int {
        let size = count
        let bytes = unsafe bytes
        var (index, found) = (0, 0)
        while size &- index >= 8 {
            // A byte of the word counts up to 31 words, so that the sum of all eight fits into one.
            var counts: UInt64 = 0
            let end = Swift.min(size &- 7, index &+ 8 * 31)
            while index < end {
                counts &+= ones(in: ByteWord.load(bytes, index) ^ ByteWord.each(byte))
                index &+= 8
            }
            found &+= Int((counts &* ByteWord.each(1)) >> 56)
        }
        while index < size {
            found &+= self[index] == byte ? 1 : 0
            index &+= 1
        }
        return found
    }
}

/// Returns a word of which each byte is 1 if that of the other word is 0, and 0 otherwise.
@inline(__always)
private func ones(in word: UInt64) -> UInt64 {
    let low = (word & ByteWord.each(0x7f)) &+ ByteWord.each(0x7f)
    return (~(low | word) & ByteWord.each(0x80)) >> 7
}
