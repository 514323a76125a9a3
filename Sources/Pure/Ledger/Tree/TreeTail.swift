package import InterlockModel

/// The last leaves of a tree after a part that is known only by its subtrees.
struct TreeTail: Sendable, Hashable {
    /// The number of leaves before the tail.
    let first: UInt64
    var hashes: [Digest] = []

    var end: UInt64 { first + UInt64(hashes.count) }

    /// Returns the root of the perfect subtree of 2^level leaves that begins at leaf index * 2^level.
    /// - Parameter before: returns the root of a subtree that lies before the tail.
    /// - Precondition: the subtree ends within the tree.
    func node<Failure: Error>(
        _ level: Int, _ index: UInt64, _ tree: TreeHash,
        before: (_ level: Int, _ index: UInt64) throws(Failure) -> Digest
    ) throws(Failure) -> Digest {
        if (index + 1) << UInt64(level) <= first { return try before(level, index) }
        if level == 0 { return hashes[Int(index - first)] }
        let left = try node(level - 1, 2 * index, tree, before: before)
        return tree.node(left, try node(level - 1, 2 * index + 1, tree, before: before))
    }
}

/// The records of one signed frame with the data for a proof of each; the receipts of all its records share it.
/// Creating it copies a few hashes; a proof is computed on request.
package struct CommittedFrame: Sendable {
    private let before: CompactRange
    private let tail: TreeTail
    /// The signed checkpoint of the size after the frame.
    package let checkpoint: [UInt8]

    /// - Parameters:
    ///   - before: the compact range of the log before the frame.
    ///   - leafHashes: the leaf hashes of the frame's records, in order.
    package init(before: CompactRange, leafHashes: [Digest], checkpoint: [UInt8]) {
        self.before = before
        tail = TreeTail(first: before.size, hashes: leafHashes)
        self.checkpoint = checkpoint
    }

    /// - Returns: nil if the record is not in the frame.
    package func proof(of index: UInt64, _ tree: TreeHash) -> TlogProof? {
        guard index >= tail.first, index < tail.end else { return nil }
        // The path of a record in the frame reaches the part before it only at its peaks.
        let maker = ProofMaker<Never>(tree: tree) { level, index in
            tail.node(level, index, tree) { level, index in
                guard let peak = before.peak(level, index) else {
                    preconditionFailure("a path beside the peaks")
                }
                return peak
            }
        }
        return TlogProof(
            index: index, hashes: maker.inclusion(index: index, size: tail.end),
            checkpoint: checkpoint)
    }
}
