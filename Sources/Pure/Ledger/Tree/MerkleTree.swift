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
        guard size <= self.size else { return nil }
        return size == 0 ? tree.emptyRoot : root(0..<Int(size))
    }

    /// The audit path of a leaf in the tree of `size` leaves, from the leaf upwards.
    package func inclusionProof(index: UInt64, size: UInt64) -> [Digest]? {
        guard index < size, size <= self.size else { return nil }
        var range = 0..<Int(size)
        var proof: [Digest] = []
        while range.count > 1 {
            let middle = range.lowerBound + Self.split(range.count)
            if Int(index) < middle {
                proof.append(root(middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                proof.append(root(range.lowerBound..<middle))
                range = middle..<range.upperBound
            }
        }
        return proof.reversed()
    }

    /// Proves that the tree of `newSize` begins with that of `oldSize`; nil from size 0.
    package func consistencyProof(oldSize: UInt64, newSize: UInt64) -> [Digest]? {
        guard oldSize > 0, oldSize <= newSize, newSize <= size else { return nil }
        var range = 0..<Int(newSize)
        var proof: [Digest] = []
        var leftmost = true
        while range.upperBound != Int(oldSize) {
            let middle = range.lowerBound + Self.split(range.count)
            if Int(oldSize) <= middle {
                proof.append(root(middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                proof.append(root(range.lowerBound..<middle))
                range = middle..<range.upperBound
                leftmost = false
            }
        }
        if !leftmost { proof.append(root(range)) }
        return proof.reversed()
    }

    /// - Precondition: a range as RFC 6962 splits it: its start is a multiple of every power of two
    ///   below its count.
    private func root(_ range: Range<Int>) -> Digest {
        let level = range.count.trailingZeroBitCount
        if range.count == 1 << level { return levels[level][range.lowerBound >> level] }
        let middle = range.lowerBound + Self.split(range.count)
        return tree.node(root(range.lowerBound..<middle), root(middle..<range.upperBound))
    }

    /// The largest power of two below `count`.
    private static func split(_ count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }
}
