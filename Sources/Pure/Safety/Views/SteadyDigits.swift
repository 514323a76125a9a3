/// Digits of base64 that change nothing: no stretch of text that is kept begins or ends with them, and no header is there.
/// Nearly all digits of long runs are such ones, so four of them are passed at a time.
enum SteadyDigits {
    /// The flags of each two neighboring digits, four bits for the twelve of the digits. The three lowest ones say whether
    /// the first, the second and the third byte of a group is one of a text if the digits are the first two, the middle
    /// ones or the last two of the group. The highest one says that the digits are a part of a header.
    private static let pairs: [UInt8] = (0..<4096).map { pair in
        var flags: UInt8 = 0
        for (bit, byte) in [pair >> 4, pair >> 2 & 0xff, pair & 0xff].enumerated()
        where ByteClass.all[byte] & ByteClass.ofText != 0 { flags |= 1 << UInt8(bit) }
        return isOfHeader(pair >> 6, pair & 0x3f) ? flags | ofHeader : flags
    }

    private static let ofHeader: UInt8 = 8

    /// Returns true for two digits of the magic number of gzip, at each of its alignments, and for the first two digits of
    /// the headers of zlib that common programs write.
    private static func isOfHeader(_ first: Int, _ second: Int) -> Bool {
        switch (first, second) {
        case (56, 44), (31, 34), (62, 11), (30, 0..<16): true
        default: false
        }
    }

    /// Passes groups of four digits up to the first one in which something begins or ends. A stretch of one group is too
    /// short to be kept, so it is nothing.
    ///
    /// - Parameters:
    ///   - range: a part of one line, of digits alone.
    ///   - window: the digits before the range, seven or more; on return those before the group that follows.
    ///   - texts: the alignments that have a stretch of text, a bit of each four; the lowest one is that of the first digit.
    /// - Returns: the number of groups.
    static func groups(
        in text: Span<UInt8>, _ range: Range<Int>, _ window: inout UInt64, texts: UInt32
    ) -> Int {
        let (digits, flags) = (ByteClass.sextets, pairs)
        let (values, table) = (digits.span, flags.span)
        let (valueCount, tableCount) = (values.count, table.count)
        precondition(valueCount == 256 && tableCount == 4096)
        precondition(range.lowerBound >= 0 && range.upperBound <= text.count)
        let bytes = unsafe text.bytes
        var (before, last) = (window, window)
        // The flags of the last eight pairs, the newest one highest: of four pairs before a group, and of the group.
        var known: UInt32 = 0
        for place in 0..<4 {
            let pair = Int(last >> UInt64(18 - 6 * place) & 0xfff)
            known |= UInt32(table[pair]) << UInt32(16 + 4 * place)
        }
        // The alignments whose stretch has begun with the group before.
        var begun: UInt32 = 0
        var offset = range.lowerBound
        while range.upperBound &- offset >= 8 {
            let word = ByteWord.load(bytes, offset)
            let four =
                UInt64(values[Int(word & 0xff)]) << 18
                | UInt64(values[Int(word >> 8 & 0xff)]) << 12
                | UInt64(values[Int(word >> 16 & 0xff)]) << 6
                | UInt64(values[Int(word >> 24 & 0xff)])
            let next = last << 24 | four
            let nextKnown =
                known >> 16
                | UInt32(table[Int(next >> 18 & 0xfff)]) << 16
                | UInt32(table[Int(next >> 12 & 0xfff)]) << 20
                | UInt32(table[Int(next >> 6 & 0xfff)]) << 24
                | UInt32(table[Int(next & 0xfff)]) << 28
            let found = nextKnown >> 8 & nextKnown >> 13 & nextKnown >> 18 & 0x1111
            // The pairs that may be of a header that the decoder tries behind one of the four digits.
            let headers = nextKnown & 0x0888_8888
            guard headers | (found ^ texts) & (texts | begun) == 0 else { break }
            begun = found & ~texts
            (before, last, known) = (last, next, nextKnown)
            offset &+= 4
        }
        // The group before begins a stretch, which may go on.
        let isBegun = begun != 0
        window = isBegun ? before : last
        return (offset - range.lowerBound) / 4 - (isBegun ? 1 : 0)
    }
}
