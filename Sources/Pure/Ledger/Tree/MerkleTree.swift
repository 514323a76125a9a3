package import InterlockModel

/// A complete tree in memory that produces proofs. It uses about 64 bytes per leaf and serves readers, not the writer.
package struct MerkleTree: Sendable {
    private let tree: TreeHash
    /// `levels[l][i]` is the root of the perfect subtree of 2^l leaves that begins at leaf i * 2^l.
    private var levels: [[Digest]] = [[]]

    package init(_ tree: TreeHash) { self.tree = tree }

    package var size: UInt64 { UInt64(levels[0].count) }

    package mutating func append(_ leafHash: Digest) {
        levels[0].append(leafHash)
        var level = 0
        while levels[level].count % 2 == 0 {
            let pair = levels[level].suffix(2)
            guard let left = pair.first, let right = pair.last else { return }
            level += 1
            if level == levels.count { levels.append([]) }
            levels[level].append(tree.node(left, right))
        }
    }

    /// Returns the root of the first `size` leaves, or nil if `size` exceeds that of the tree.
    package func root(at size: UInt64) -> Digest? {
        size <= self.size ? maker.root(at: size) : nil
    }

    /// Returns the audit path of a leaf in the tree of `size` leaves, from the leaf upwards, or nil if an argument is
    /// out of range.
    package func inclusionProof(index: UInt64, size: UInt64) -> [Digest]? {
        guard index < size, size <= self.size else { return nil }
        return maker.inclusion(index: index, size: size)
    }

    /// Returns a proof that the tree of `newSize` begins with that of `oldSize`, or nil if a size is out of range or
    /// `oldSize` is 0.
    package func consistencyProof(oldSize: UInt64, newSize: UInt64) -> [Digest]? {
        guard oldSize > 0, oldSize <= newSize, newSize <= size else { return nil }
        return maker.consistency(oldSize: oldSize, newSize: newSize)
    }

    private var maker: ProofMaker<Never> {
        ProofMaker(tree: tree) { level, index in levels[level][Int(index)] }
    }
}
