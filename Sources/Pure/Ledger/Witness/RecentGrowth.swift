package import InterlockModel

/// The newest part of a log in memory: enough to prove to a witness, which saw the log not long ago,
/// that it only grew. 32 bytes per record, at most `maximumHashes` of them; older sizes are proven from
/// tiles.
package struct RecentGrowth: Sendable {
    package static let maximumHashes = 1 << 16

    private let tree: TreeHash
    /// The tree before `hashes`.
    private var base: CompactRange
    private var hashes: [Digest] = []

    package init(_ tree: TreeHash, at range: CompactRange = CompactRange()) {
        self.tree = tree
        base = range
    }

    package var size: UInt64 { base.size + UInt64(hashes.count) }

    package mutating func append(_ leafHashes: [Digest]) {
        hashes += leafHashes
        // The older half goes at once, so that a record costs one more node hash on average.
        guard hashes.count > Self.maximumHashes else { return }
        let leaving = hashes.count - Self.maximumHashes / 2
        for hash in hashes.prefix(leaving) { base.append(hash, tree) }
        hashes.removeFirst(leaving)
    }

    /// Proves that the tree of `newSize` begins with that of `oldSize`; nil when one of them is not
    /// in memory. Empty from size 0, where there is nothing to prove.
    package func consistencyProof(oldSize: UInt64, newSize: UInt64) -> [Digest]? {
        if oldSize == 0 { return [] }
        guard oldSize >= base.size, oldSize <= newSize, newSize <= size else { return nil }
        let maker = ProofMaker(tree: tree) { level, index throws(NotHere) in
            try node(level, index)
        }
        do throws(NotHere) {
            return try maker.consistency(oldSize: oldSize, newSize: newSize)
        } catch {
            return nil
        }
    }

    private struct NotHere: Error {}

    /// The root of the perfect subtree of 2^level leaves which begins at leaf index * 2^level.
    private func node(_ level: Int, _ index: UInt64) throws(NotHere) -> Digest {
        let start = index << UInt64(level)
        if level == 0, start >= base.size { return hashes[Int(start - base.size)] }
        if let peak = peak(level, start) { return peak }
        guard level > 0 else { throw NotHere() }
        return tree.node(try node(level - 1, index * 2), try node(level - 1, index * 2 + 1))
    }

    /// A peak of the base is the subtree for one of the bits of its size.
    private func peak(_ level: Int, _ start: UInt64) -> Digest? {
        let bit = UInt64(level)
        // What stands before it are the peaks of the higher bits.
        let above = base.size >> (bit + 1)
        guard base.size >> bit & 1 == 1, start == above << (bit + 1) else { return nil }
        return base.peaks[above.nonzeroBitCount]
    }
}
