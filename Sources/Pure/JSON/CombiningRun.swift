/// The bound on consecutive combining marks in a text. Comparing, hashing and ordering strings sorts each run of marks
/// by insertion, in quadratic time, so a text with a longer run must be refused before such an operation reads it.
///
/// Unicode's own bound for text that is normalised as a stream is 30 (UAX #15, section 13).
package enum CombiningRun {
    /// The greatest allowed number of marks in a run, in scalars.
    package static let longest = 128

    /// The distance between sampled offsets, in bytes. A mark has at least two bytes, so every run that is too long
    /// covers at least one sampled offset.
    private static let sampled = 2 * longest

    package static func isTooLong(in text: String) -> Bool {
        guard text.utf8.count > sampled else { return false }
        let bytes = text.utf8.span
        var sample = sampled
        while sample < bytes.count {
            guard bytes[sample] >= 0x80 else {
                sample += sampled
                continue
            }
            var end = start(bytes, sample)
            var first = end
            // No mark has more than four bytes, so this many bytes suffice to prove a run too long.
            while end - first <= 4 * longest, end < bytes.count, isMark(bytes, at: end) {
                end = next(bytes, end)
            }
            while end - first <= 4 * longest, first > 0, isMark(bytes, at: start(bytes, first - 1))
            {
                first = start(bytes, first - 1)
            }
            if end - first > sampled, count(bytes, first..<end) > longest { return true }
            sample = max(end, sample) + sampled
        }
        return false
    }

    /// Returns the offset of the first byte of the scalar that contains the byte at `place`.
    private static func start(_ bytes: Span<UInt8>, _ place: Int) -> Int {
        var place = place
        while place > 0, bytes[place] & 0xc0 == 0x80 { place -= 1 }
        return place
    }

    /// Returns the offset of the first byte after the scalar that begins at `place`.
    private static func next(_ bytes: Span<UInt8>, _ place: Int) -> Int {
        var place = place + 1
        while place < bytes.count, bytes[place] & 0xc0 == 0x80 { place += 1 }
        return place
    }

    private static func count(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        var count = 0
        for place in range where bytes[place] & 0xc0 != 0x80 { count += 1 }
        return count
    }

    /// - Precondition: a scalar of valid UTF-8 begins at `place`.
    private static func isMark(_ bytes: Span<UInt8>, at place: Int) -> Bool {
        let lead = UInt32(bytes[place])
        // The first mark is U+0300.
        guard lead >= 0xcc else { return false }
        func tail(_ offset: Int) -> UInt32 { UInt32(bytes[place + offset]) & 0x3f }
        let value =
            switch lead {
            case ..<0xe0: (lead & 0x1f) << 6 | tail(1)
            case ..<0xf0: (lead & 0x0f) << 12 | tail(1) << 6 | tail(2)
            default: (lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3)
            }
        guard let scalar = Unicode.Scalar(value) else { return false }
        return scalar.properties.canonicalCombiningClass != .notReordered
    }
}
