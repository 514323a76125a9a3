import InterlockSafety

/// Finds where words of one text end. Each word is passed once, however many findings it has.
struct WordEnds: Sendable {
    /// A range from a byte of the last word to its end.
    private var known = 0..<0

    /// Returns a part of the text with the rest of the word with which it ends.
    mutating func extending(_ part: Range<Int>, in text: Span<UInt8>) -> Range<Int> {
        guard !part.isEmpty else { return part }
        let end = part.upperBound
        if end < known.lowerBound || end > known.upperBound {
            known = end..<SecretExtent.endOfWord(in: text, from: end)
        }
        return part.lowerBound..<known.upperBound
    }
}
