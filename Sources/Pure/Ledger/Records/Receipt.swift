package import InterlockModel

/// The place of a durable record, and the means to prove it.
package struct Receipt: Hashable, Sendable {
    package let index: UInt64
    package let leafHash: Digest
    /// What the record was committed with; nil where nobody is to be convinced.
    package let frame: CommittedFrame?

    package init(index: UInt64, leafHash: Digest, frame: CommittedFrame? = nil) {
        self.index = index
        self.leafHash = leafHash
        self.frame = frame
    }

    /// Proves the record against the signed checkpoint of its own frame, so at once and without a
    /// file being read. Costs about as many hashes as the frame has records.
    package func proof(_ tree: TreeHash) -> TlogProof? { frame?.proof(of: index, tree) }

    package static func == (a: Receipt, b: Receipt) -> Bool {
        a.index == b.index && a.leafHash == b.leafHash
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(index)
        hasher.combine(leafHash)
    }
}
