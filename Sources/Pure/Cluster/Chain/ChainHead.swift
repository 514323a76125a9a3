package import InterlockModel

/// An entry named by number and digest; usually the newest one. Two nodes with the same head have the same chain.
package struct ChainHead: Hashable, Sendable {
    /// The number of the entry, from 0.
    package let number: Int64
    package let digest: Digest

    package init(number: Int64, digest: Digest) {
        self.number = number
        self.digest = digest
    }
}

/// An entry as a row of the store or a message of a peer has it: nothing of it is verified.
package struct StoredEntry: Hashable, Sendable {
    package var number: Int64
    /// Is nil if the stored value is no digest.
    package var previous: Digest?
    package var digest: Digest?
    package var kind: String
    package var subject: String
    /// The bytes that were signed; nil if the entry was dropped after a snapshot.
    package var body: [UInt8]?
    package var node: String

    package init(
        number: Int64, previous: Digest?, digest: Digest?, kind: String, subject: String,
        body: [UInt8]?, node: String
    ) {
        self.number = number
        self.previous = previous
        self.digest = digest
        self.kind = kind
        self.subject = subject
        self.body = body
        self.node = node
    }
}

/// Bounds of entries.
package enum EntryLimits {
    /// The size of an entry's body, in bytes; that of the first entry has the people too.
    package static let body = 1 << 20
    package static let genesisBody = 2 * TrustLimits.bytes
    /// The length of a subject, in bytes.
    package static let subject = 1...192
    /// The statements of one entry.
    package static let orders = 1...16
}
