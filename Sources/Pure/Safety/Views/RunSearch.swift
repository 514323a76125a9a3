extension Span<UInt8> {
    /// Returns an offset before which no run begins, of those that begin at `begin` or behind it: the next run is looked
    /// for from there on. Eight bytes are compared at a time.
    ///
    /// A run has 16 bytes or more, ends of lines included, and so all bytes of one of the words of eight that begin with
    /// `begin`. Words with a byte that no run has are passed over; the run begins behind the last such byte.
    ///
    /// - Parameter end: the end of the bytes that may be passed over.
    @inline(__always)
    func runStart(from begin: Int, to end: Int) -> Int {
        precondition(begin >= 0 && end <= count)
        let bytes = unsafe bytes
        var index = begin
        var last: UInt64 = 0
        while end &- index >= 8 {
            let found = separators(in: ByteWord.load(bytes, index))
            if found == 0 { break }
            last = found
            index &+= 8
        }
        return last == 0 ? begin : index &- last.leadingZeroBitCount &>> 3
    }

    /// Returns the first offset in a range behind which sixteen hexadecimal digits are, or that of the digits with which
    /// the range ends, or its end. Eight bytes are compared at a time: of sixteen digits, eight are one of these words.
    func hexDigits(in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let bytes = unsafe bytes
        var index = range.lowerBound
        while range.upperBound &- index >= 8 {
            guard flagsOfHexDigits(in: ByteWord.load(bytes, index)) == ByteWord.each(0x80) else {
                index &+= 8
                continue
            }
            let start = startOfHexDigits(before: index, downTo: range.lowerBound)
            var end = index &+ 8
            while end < range.upperBound, end &- start < 16, isHexDigit(end) { end &+= 1 }
            if end &- start >= 16 || end == range.upperBound { return start }
            index = end &+ 1
        }
        return startOfHexDigits(before: range.upperBound, downTo: range.lowerBound)
    }

    private func startOfHexDigits(before end: Int, downTo least: Int) -> Int {
        var start = end
        while start > least, isHexDigit(start &- 1) { start &-= 1 }
        return start
    }

    private func isHexDigit(_ index: Int) -> Bool { ByteClass.nibble(self[index]) != nil }
}

/// Returns a word in which the highest bit of each byte is set that is a hexadecimal digit, and no other bit.
@inline(__always)
private func flagsOfHexDigits(in word: UInt64) -> UInt64 {
    let low = word & ByteWord.each(0x7f)
    let lower = low | ByteWord.each(0x20)
    let isDigit = (low &+ ByteWord.each(0x80 - 0x30)) & ~(low &+ ByteWord.each(0x80 - 0x3a))
    let isLetter = (lower &+ ByteWord.each(0x80 - 0x61)) & ~(lower &+ ByteWord.each(0x80 - 0x67))
    return (isDigit | isLetter) & ~word & ByteWord.each(0x80)
}

/// Returns a word in which the highest bit of each byte is set that no run and no end of its lines has: one of `0x0e` to
/// `0x2a`, as spaces and quotes are, or one beyond ASCII. Other bytes that no run has may not be set.
@inline(__always)
private func separators(in word: UInt64) -> UInt64 {
    // No sum reaches the next byte: the highest bits are not in it.
    let low = word & ByteWord.each(0x7f)
    let isAbove = low &+ ByteWord.each(0x7f - 0x0d)
    let isBelow = ~(low &+ ByteWord.each(0x80 - 0x2b))
    return (isAbove & isBelow | word) & ByteWord.each(0x80)
}
