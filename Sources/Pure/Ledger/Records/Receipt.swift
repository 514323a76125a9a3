package import InterlockModel

/// The position of a durable record, with the means to prove it.
package struct Receipt: Hashable, Sendable {
    package let index: UInt64
    package let leafHash: Digest
    /// The frame that committed the record, or nil if no proof is needed.
    package let frame: CommittedFrame?

    package init(index: UInt64, leafHash: Digest, frame: CommittedFrame? = nil) {
        self.index = index
        self.leafHash = leafHash
        self.frame = frame
    }

    /// Proves the record against the signed checkpoint of its own frame, immediately and without reading files.
    /// Computes about as many hashes as the frame has records.
    package func proof(_ tree: TreeHash) -> TlogProof? { frame?.proof(of: index, tree) }

    package static func == (a: Receipt, b: Receipt) -> Bool {
        a.index == b.index && a.leafHash == b.leafHash
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(index)
        hasher.combine(leafHash)
    }
}
