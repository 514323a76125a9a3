/// Digits of base64 that change nothing: no stretch of text that is kept begins or ends with them, and no header is there.
/// Nearly all digits of long runs are such ones, so eight of them are passed at a time.
struct SteadyDigits {
    /// The digits before the last group, and those before the next one.
    private var before: UInt64
    private var last: UInt64
    /// The flags of the four pairs of digits before the next group, four bits each, the newest one highest.
    private var known: UInt64 = 0
    /// The alignments whose stretch has begun with the group before.
    private var begun: UInt64 = 0
    /// The alignments that have a stretch of text, a bit of each four; the lowest one is that of the first digit.
    private let texts: UInt64

    private init(_ window: UInt64, texts: UInt32) {
        (before, last, self.texts) = (window, window, UInt64(texts))
        for place in 0..<4 {
            let pair = Int(window >> UInt64(18 - 6 * place) & 0xfff)
            known |= UInt64(DigitPairs.joints[pair]) << UInt64(4 * place)
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
        let all = DigitPairs.entries
        let entries = all.span
        let size = entries.count
        precondition(size == 1 << 16)
        precondition(range.lowerBound >= 0 && range.upperBound <= text.count)
        let bytes = unsafe text.bytes
        var state = SteadyDigits(window, texts: texts)
        var offset = range.lowerBound
        // The digit before the first group may be on another line.
        if range.upperBound &- offset >= 8, state.passFour(bytes, offset, entries) {
            offset &+= 4
            let begin = offset
            while range.upperBound &- offset >= 8, state.passEight(bytes, offset, entries) {
                offset &+= 8
            }
            if offset > begin { state.readWindows(window, text, range.lowerBound..<offset) }
            while range.upperBound &- offset >= 8, state.passFour(bytes, offset, entries) {
                offset &+= 4
            }
        }
        // The group before begins a stretch, which may continue.
        let isBegun = state.begun != 0
        window = isBegun ? state.before : state.last
        return (offset - range.lowerBound) / 4 - (isBegun ? 1 : 0)
    }

    /// Passes four digits.
    ///
    /// - Precondition: eight bytes follow `offset`.
    /// - Returns: false, with nothing changed, if something begins or ends with one of them.
    @inline(__always)
    private mutating func passFour(
        _ bytes: RawSpan, _ offset: Int, _ entries: Span<UInt16>
    ) -> Bool {
        let word = ByteWord.load(bytes, offset)
        let (first, middle) = (entries[Int(word & 0xffff)], entries[Int(word >> 8 & 0xffff)])
        let end = entries[Int(word >> 16 & 0xffff)]
        let four = UInt64(first & 0xfff) << 12 | UInt64(end & 0xfff)
        let joint = Int(last & 0x3f) << 6 | Int(four >> 18)
        let pairs =
            known | UInt64(DigitPairs.joints[joint]) << 16 | UInt64(first >> 12) << 20
            | UInt64(middle >> 12) << 24 | UInt64(end >> 12) << 28
        let found = pairs >> 8 & pairs >> 13 & pairs >> 18 & 0x1111
        // The pairs that may be of a header that the decoder tries behind one of the four digits.
        let headers = pairs & 0x0888_8888
        guard headers | (found ^ texts) & (texts | begun) == 0 else { return false }
        begun = found & ~texts
        (before, last, known) = (last, last << 24 | four, pairs >> 16)
        return true
    }

    /// Passes eight digits behind others of the same line, as `passFour` does twice, except for the windows.
    @inline(__always)
    private mutating func passEight(
        _ bytes: RawSpan, _ offset: Int, _ entries: Span<UInt16>
    ) -> Bool {
        let word = ByteWord.load(bytes, offset)
        let earlier = ByteWord.load(bytes, offset &- 1)
        var pairs = known
        pairs |= UInt64(entries[Int(earlier & 0xffff)] >> 12) << 16
        pairs |= UInt64(entries[Int(word & 0xffff)] >> 12) << 20
        pairs |= UInt64(entries[Int(word >> 8 & 0xffff)] >> 12) << 24
        pairs |= UInt64(entries[Int(word >> 16 & 0xffff)] >> 12) << 28
        pairs |= UInt64(entries[Int(word >> 24 & 0xffff)] >> 12) << 32
        pairs |= UInt64(entries[Int(word >> 32 & 0xffff)] >> 12) << 36
        pairs |= UInt64(entries[Int(word >> 40 & 0xffff)] >> 12) << 40
        pairs |= UInt64(entries[Int(word >> 48)] >> 12) << 44
        let found = pairs >> 8 & pairs >> 13 & pairs >> 18 & 0x1111_1111
        let headers = pairs & 0x0888_8888_8888
        let both = texts | texts << 16
        let others = found & ~both
        guard headers | (found ^ both) & (both | begun | others << 16) == 0 else { return false }
        begun = others >> 16
        known = pairs >> 32
        return true
    }

    /// Sets the windows to the digits before the end of a range, of which others were before the range.
    private mutating func readWindows(_ window: UInt64, _ text: Span<UInt8>, _ range: Range<Int>) {
        let all = ByteClass.sextets
        let values = all.span
        (before, last) = (window, window)
        // A window has ten digits.
        for offset in max(range.lowerBound, range.upperBound - 16)..<range.upperBound {
            if offset == range.upperBound - 4 { before = last }
            last = last << 6 | UInt64(values[Int(text[offset])])
        }
    }
}
