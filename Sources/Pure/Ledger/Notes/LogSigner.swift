package import InterlockModel

/// The growth of a log's tree by the records of one frame, as the holder of the log's key is asked to sign it.
package struct TreeGrowth: Hashable, Sendable {
    package let origin: String
    /// The number of records before the frame, below 2^63.
    package let from: UInt64
    /// The leaf hashes of the frame's records, in order: at most `maximumLeaves`.
    package let leafHashes: [Digest]
    /// The root of the tree after these leaves.
    package let root: Digest

    package static let maximumLeaves = Frame.maximumRecords

    package init(origin: String, from: UInt64, leafHashes: [Digest], root: Digest) {
        self.origin = origin
        self.from = from
        self.leafHashes = leafHashes
        self.root = root
    }

    /// The tree head after the growth.
    package var head: Checkpoint {
        Checkpoint(origin: origin, size: from + UInt64(leafHashes.count), root: root)
    }
}

/// A holder of the log's key in another process (docs/decisions/0194). Calls block for a bounded time and are safe from
/// any thread.
package protocol LogSigner: Sendable {
    /// Returns the tree that it signed last, and who it is.
    func status() throws(LogSigningFailure) -> LogSignerStatus

    /// Signs the tree after the growth, which is durable in the signer's own folder on return. The same growth may be
    /// asked for again.
    ///
    /// - Returns: the checkpoint as a signed note, which the caller must verify.
    func sign(_ growth: TreeGrowth) throws(LogSigningFailure) -> [UInt8]

    /// Signs what a file of heads covers.
    ///
    /// - Returns: a signed note, which the caller must verify.
    func sign(_ heads: SignedHeads.Statement) throws(LogSigningFailure) -> [UInt8]
}

/// The answer of a signer about itself.
package struct LogSignerStatus: Hashable, Sendable {
    /// The tree that it signed last.
    package let head: Checkpoint
    /// The key that signs; another one may sign too during a rotation.
    package let key: PublicKey
    /// The user as whom it runs.
    package let user: UInt32
    /// True if a slot of its tree was damaged when it started.
    package let wasTreeDamaged: Bool

    package init(
        head: Checkpoint, key: PublicKey, user: UInt32, wasTreeDamaged: Bool = false
    ) {
        self.head = head
        self.key = key
        self.user = user
        self.wasTreeDamaged = wasTreeDamaged
    }
}

/// The reason for which a signer did not sign: one line, lower case, no full stop.
package struct LogSigningFailure: Error, Hashable, Sendable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
