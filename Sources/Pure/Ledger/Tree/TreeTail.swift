package import InterlockModel

/// The last leaves of a tree, behind a part that is known by its subtrees alone.
struct TreeTail: Sendable, Hashable {
    /// Leaves in front.
    let first: UInt64
    var hashes: [Digest] = []

    var end: UInt64 { first + UInt64(hashes.count) }

    /// The root of the perfect subtree of 2^level leaves which begins at leaf index * 2^level.
    /// - Parameter before: the same for a subtree that lies in the part in front.
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

/// The records of one signed frame, and what a proof of each needs: the receipts of all its records
/// share it. Making it copies a few hashes; a proof is computed when somebody asks for one.
package struct CommittedFrame: Sendable {
    private let before: CompactRange
    private let tail: TreeTail
    /// Signed; of the size after the frame.
    package let checkpoint: [UInt8]

    /// - Parameters:
    ///   - before: the log in front of the frame.
    ///   - leafHashes: of the frame's records, in their order.
    package init(before: CompactRange, leafHashes: [Digest], checkpoint: [UInt8]) {
        self.before = before
        tail = TreeTail(first: before.size, hashes: leafHashes)
        self.checkpoint = checkpoint
    }

    /// - Returns: nil when the record is not one of the frame.
    package func proof(of index: UInt64, _ tree: TreeHash) -> TlogProof? {
        guard index >= tail.first, index < tail.end else { return nil }
        // The path of a record in the frame meets the part in front in its peaks alone.
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
