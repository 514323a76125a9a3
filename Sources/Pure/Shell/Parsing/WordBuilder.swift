/// Collects the bytes of a word whose quotes are removed.
struct WordBuilder {
    private var bytes: [UInt8] = []
    /// The number of bytes before the first expansion, or nil as long as there is none.
    private var prefixCount: Int?
    private var startsWithEquals = false
    var isQuoted = false
    var maySplit = false
    var isANSI = false
    var isEmpty: Bool { bytes.isEmpty && prefixCount == nil }
    /// True after an unquoted `[` or `{` that a later byte can complete to an expansion.
    var hasBracket = false
    var hasBrace = false
    private(set) var last: UInt8?

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Adds a byte outside of quotes.
    mutating func appendBare(_ byte: UInt8) {
        if byte == Byte.equals, isEmpty { startsWithEquals = true }
        bytes.append(byte)
        last = byte
    }

    /// Notes an expansion at this point.
    mutating func expand(splits: Bool) {
        if prefixCount == nil { prefixCount = bytes.count }
        if splits { maySplit = true }
        last = nil
    }

    /// The word without quotes, or nil if a part of it is expanded or no UTF-8.
    var literal: String? { prefixCount == nil ? String(validating: bytes, as: UTF8.self) : nil }

    consuming func word(at range: Range<Int>) -> ShellWord {
        // One shell replaces `=ls` by the path of `ls`.
        if startsWithEquals, bytes.count > 1, !bytes.elementsEqual("==".utf8),
            !bytes.elementsEqual("=~".utf8)
        {
            prefixCount = 0
        }
        let text = literal
        let prefix =
            text ?? String(decoding: bytes.prefix(prefixCount ?? 0), as: UTF8.self)
        return ShellWord(
            range: range, literal: text, prefix: prefix, isQuoted: isQuoted, maySplit: maySplit,
            isANSI: isANSI)
    }
}
