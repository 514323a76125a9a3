/// The type of a normalised value; equal bytes of two types are two values.
enum ValueKind: UInt8, Sendable {
    /// A token: a word, a name of something, an identifier, a path of a file.
    case word = 1
    /// Two to four tokens in a row.
    case phrase
    case number
    case date
    case email
    /// A host, with its port if a URL states one.
    case host
    /// The path of a URL.
    case path
    /// The query and the fragment of a URL.
    case query
    case phone
    /// The number of an account with a check digit (IBAN).
    case account
}

/// Hashes normalised values under a key of this process.
struct ValueHasher: Sendable {
    private let key: (UInt64, UInt64)

    init(key: (UInt64, UInt64)) { self.key = key }

    /// The most bytes of a value whose characters are normalised, which takes more than linear time.
    private static let longestComposed = 512

    /// - Parameter bytes: a normalised value. Up to 512 bytes, canonically equivalent texts have equal hashes.
    func hash(_ kind: ValueKind, _ bytes: Span<UInt8>) -> UInt64 {
        let tweak = UInt64(kind.rawValue) &* 0x9e37_79b9_7f4a_7c15
        let hash = SipHash(key: (key.0 ^ tweak, key.1))
        guard bytes.count <= Self.longestComposed else { return hash.hash(bytes) }
        for index in bytes.indices where bytes[index] >= 0x80 {
            return hash.hash(Self.composed(bytes).span)
        }
        return hash.hash(bytes)
    }

    func hash(_ kind: ValueKind, _ bytes: [UInt8]) -> UInt64 { hash(kind, bytes.span) }

    /// Extends a phrase by a token. Both hashes are keyed, so the mixing need not be.
    func phrase(_ first: UInt64, _ next: UInt64) -> UInt64 {
        var mixed = (first &* 0xff51_afd7_ed55_8ccd) ^ (next << 31 | next >> 33)
        mixed = (mixed ^ mixed >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ mixed >> 29
    }

    /// Returns bytes that are the same for canonically equivalent texts: the hash of the standard library, which
    /// normalises texts. The library has no public normal forms.
    private static func composed(_ bytes: Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in bytes.indices { copy.append(bytes[index]) }
        var hasher = Hasher()
        hasher.combine(String(decoding: copy, as: UTF8.self))
        let hash = UInt64(bitPattern: Int64(hasher.finalize()))
        return (0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64(8 * $0)) }
    }
}
