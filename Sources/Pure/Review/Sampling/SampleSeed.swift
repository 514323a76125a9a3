package import InterlockModel

/// The seed of a sample: SHA-256 of `interlock/review-seed/1`, the root of the checkpoint, and 32 random bytes. Neither the
/// reviewer nor the owner can choose it.
package struct SampleSeed: Sendable, Hashable {
    package let digest: Digest

    private static let label = Array("interlock/review-seed/1".utf8)
    /// The number of random bytes.
    package static let randomCount = 32

    /// - Returns: nil unless there are 32 random bytes.
    package init?(root: Digest, random: [UInt8], _ hashing: some Hashing) {
        guard random.count == Self.randomCount else { return nil }
        digest = hashing.sha256(Self.label + root.bytes + random)
    }
}
