package import InterlockModel

/// A whole tree in memory, which can prove. Takes 64 bytes per leaf; for readers, not for the writer.
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

    /// The root of the first `size` leaves; nil beyond the tree.
    package func root(at size: UInt64) -> Digest? {
        size <= self.size ? maker.root(at: size) : nil
    }

    /// The audit path of a leaf in the tree of `size` leaves, from the leaf upwards.
    package func inclusionProof(index: UInt64, size: UInt64) -> [Digest]? {
        guard index < size, size <= self.size else { return nil }
        return maker.inclusion(index: index, size: size)
    }

    /// Proves that the tree of `newSize` begins with that of `oldSize`; nil from size 0.
    package func consistencyProof(oldSize: UInt64, newSize: UInt64) -> [Digest]? {
        guard oldSize > 0, oldSize <= newSize, newSize <= size else { return nil }
        return maker.consistency(oldSize: oldSize, newSize: newSize)
    }

    private var maker: ProofMaker<Never> {
        ProofMaker(tree: tree) { level, index in levels[level][Int(index)] }
    }
}
