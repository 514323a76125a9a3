package import InterlockModel

/// The newest part of a log in memory, sufficient to prove to a witness with a recent state that the log only grew. It
/// uses 32 bytes per record, for at most `maximumHashes` records; proofs from older sizes use tiles.
package struct RecentGrowth: Sendable {
    package static let maximumHashes = 1 << 16

    private let tree: TreeHash
    /// The compact range of the tree before `hashes`.
    private var base: CompactRange
    private var hashes: [Digest] = []

    package init(_ tree: TreeHash, at range: CompactRange = CompactRange()) {
        self.tree = tree
        base = range
    }

    package var size: UInt64 { base.size + UInt64(hashes.count) }

    package mutating func append(_ leafHashes: [Digest]) {
        hashes += leafHashes
        // The older half is removed at once, so that a record costs one more node hash on average.
        guard hashes.count > Self.maximumHashes else { return }
        let leaving = hashes.count - Self.maximumHashes / 2
        for hash in hashes.prefix(leaving) { base.append(hash, tree) }
        hashes.removeFirst(leaving)
    }

    /// Returns a proof that the tree of `newSize` begins with that of `oldSize`, or nil if one of them is not in
    /// memory. The proof from size 0 is empty, because that needs none.
    package func consistencyProof(oldSize: UInt64, newSize: UInt64) -> [Digest]? {
        if oldSize == 0 { return [] }
        guard oldSize >= base.size, oldSize <= newSize, newSize <= size else { return nil }
        let tail = TreeTail(first: base.size, hashes: hashes)
        let maker = ProofMaker(tree: tree) { level, index throws(NotHere) in
            try tail.node(level, index, tree) { level, index throws(NotHere) in
                guard let peak = base.peak(level, index) else { throw NotHere() }
                return peak
            }
        }
        do throws(NotHere) {
            return try maker.consistency(oldSize: oldSize, newSize: newSize)
        } catch {
            return nil
        }
    }

    private struct NotHere: Error {}
}
