package import InterlockModel

/// The right edge of a growing tree: the roots of its perfect subtrees, largest first. Appending computes one node hash
/// on average; the root computes at most one per set bit of the size.
package struct CompactRange: Sendable, Equatable {
    package private(set) var size: UInt64 = 0
    /// INVARIANT: one entry per bit set in `size`.
    package private(set) var peaks: [Digest] = []

    package init() {}

    /// - Returns: nil if the number of peaks does not match the size.
    package init?(size: UInt64, peaks: [Digest]) {
        guard peaks.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.peaks = peaks
    }

    package mutating func append(_ leafHash: Digest, _ tree: TreeHash) {
        var node = leafHash
        var bits = size
        while bits & 1 == 1, let left = peaks.popLast() {
            node = tree.node(left, node)
            bits >>= 1
        }
        peaks.append(node)
        size += 1
    }

    /// Returns the root of the perfect subtree of 2^level leaves that begins at leaf index * 2^level.
    /// - Returns: nil unless it is one of the peaks.
    func peak(_ level: Int, _ index: UInt64) -> Digest? {
        let count = size >> UInt64(level)
        guard count & 1 == 1, count - 1 == index else { return nil }
        // The peaks of the higher bits precede it.
        return peaks[(count >> 1).nonzeroBitCount]
    }

    package func root(_ tree: TreeHash) -> Digest {
        guard var node = peaks.last else { return tree.emptyRoot }
        for left in peaks.dropLast().reversed() { node = tree.node(left, node) }
        return node
    }
}
