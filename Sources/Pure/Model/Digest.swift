/// A SHA-256 value: 32 bytes, stored as four big-endian words for fast hashing and comparison.
package struct Digest: Hashable, Sendable {
    package var words: (UInt64, UInt64, UInt64, UInt64)

    package static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }

    package func hash(into hasher: inout Hasher) {
        // The words are already uniformly distributed, so one suffices.
        hasher.combine(words.0)
    }

    /// - Returns: nil unless `bytes` holds exactly 32 bytes.
    package init?(bytes: some Collection<UInt8>) { self.init(of: bytes) }

    /// The same for a slice of a file or a frame that holds many digests.
    package init?(bytes: ArraySlice<UInt8>) { self.init(of: bytes) }

    private init?(of bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var rest = bytes.makeIterator()
        func word() -> UInt64 {
            var word: UInt64 = 0
            for _ in 0..<8 { word = word << 8 | UInt64(rest.next() ?? 0) }
            return word
        }
        words = (word(), word(), word(), word())
    }

    package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    package var bytes: [UInt8] { [UInt8](capacity: 32) { append(to: &$0) } }

    package func append(to output: inout OutputSpan<UInt8>) {
        append(words.0, to: &output)
        append(words.1, to: &output)
        append(words.2, to: &output)
        append(words.3, to: &output)
    }

    private func append(_ word: UInt64, to output: inout OutputSpan<UInt8>) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 8
            output.append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }

    /// The value as 64 lower-case hexadecimal digits.
    package var hex: String { Hex.encode(bytes) }
    /// The value in standard base64 with padding, 44 characters: the form in leaves and checkpoints.
    package var base64: String { String(decoding: base64Bytes, as: UTF8.self) }
    /// The value as `sha256:` and 64 lower-case hexadecimal digits: the form in statements, pins and policies.
    package var prefixed: String { "sha256:" + hex }

    package init?(prefixed text: String) {
        guard text.hasPrefix("sha256:") else { return nil }
        self.init(hex: text.dropFirst(7))
    }

    /// - Returns: nil unless the text is 64 lower-case hexadecimal digits.
    package init?(hex text: some StringProtocol) {
        guard let bytes = Hex.decode(text) else { return nil }
        self.init(bytes: bytes)
    }
}

/// SHA-256, injected because Pure contains no cryptography.
///
/// An implementation must be deterministic, must be safe to call from any thread, and must not fail.
package protocol Hashing: Sendable {
    func sha256(_ bytes: Span<UInt8>) -> Digest

    /// Returns the hash of `head` followed by `tail`.
    func sha256(_ head: Span<UInt8>, _ tail: Span<UInt8>) -> Digest

    /// Returns the hash of all parts that `feed` passes, in order, without storing any of them.
    func sha256<Fault: Error>(
        streaming feed: (_ take: (Span<UInt8>) -> Void) throws(Fault) -> Void
    ) throws(Fault) -> Digest
}

extension Hashing {
    /// The default for an implementation that cannot continue from a part: joins both parts.
    package func sha256(_ head: Span<UInt8>, _ tail: Span<UInt8>) -> Digest {
        var joined: [UInt8] = []
        joined.reserveCapacity(head.count + tail.count)
        for place in head.indices { joined.append(head[place]) }
        for place in tail.indices { joined.append(tail[place]) }
        return sha256(joined.span)
    }

    /// The default for an implementation that cannot continue from a part: stores and joins all parts.
    package func sha256<Fault: Error>(
        streaming feed: (_ take: (Span<UInt8>) -> Void) throws(Fault) -> Void
    ) throws(Fault) -> Digest {
        var joined: [UInt8] = []
        try feed { part in for place in part.indices { joined.append(part[place]) } }
        return sha256(joined.span)
    }

    package func sha256(_ bytes: [UInt8]) -> Digest { sha256(bytes.span) }
}
