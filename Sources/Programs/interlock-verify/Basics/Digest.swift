/// A SHA-256 hash as four words, which needs no allocation and compares fast.
struct Digest: Hashable, Comparable {
    private var words: (UInt64, UInt64, UInt64, UInt64)

    static let count = 32

    init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// - Returns: nil unless there are exactly 32 bytes.
    init?(_ bytes: some RandomAccessCollection<UInt8>) {
        guard bytes.count == Digest.count else { return nil }
        var words: [UInt64] = [0, 0, 0, 0]
        for (place, byte) in bytes.enumerated() {
            words[place / 8] = words[place / 8] << 8 | UInt64(byte)
        }
        self.words = (words[0], words[1], words[2], words[3])
    }

    init?(base64 text: ArraySlice<UInt8>) {
        guard text.count == 44, let bytes = Base64.decode(text) else { return nil }
        self.init(bytes)
    }

    init?(hex text: some Collection<UInt8>) {
        guard let bytes = Hex.decode(text) else { return nil }
        self.init(bytes)
    }

    var bytes: [UInt8] { [UInt8](capacity: Digest.count) { append(to: &$0) } }

    func append(to output: inout OutputSpan<UInt8>) {
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                output.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
    }

    var base64: String { Base64.encode(bytes) }
    var hex: String { Hex.encode(bytes) }

    static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }
    static func < (a: Digest, b: Digest) -> Bool { a.words < b.words }
    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
