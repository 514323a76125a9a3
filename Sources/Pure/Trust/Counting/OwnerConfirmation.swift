package import InterlockModel

/// A confirmation of ownership, as its record states it.
package struct OwnerConfirmation: Sendable, Hashable {
    /// The pseudonym of the person who signed it.
    package let owner: String
    package let time: Timestamp
    package let leaf: Digest

    package init(owner: String, time: Timestamp, leaf: Digest) {
        self.owner = owner
        self.time = time
        self.leaf = leaf
    }
}
