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
