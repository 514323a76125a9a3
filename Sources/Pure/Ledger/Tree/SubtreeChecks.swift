import InterlockModel

/// Verification of proofs about a part of a log, as mirrors and Merkle tree certificates use them. The tree of an
/// earlier size is one such part, so consistency proofs are verified here, too.
///
/// A part `start..<end` is a subtree if it is empty, starts at 0, or starts at a multiple of the smallest power of two
/// that is no less than its length.
extension TreeHash {
    /// Accepts if and only if `leafHash` is at `index` of the log, within the subtree that has `root`.
    package func checkInclusion(
        index: UInt64, subtree: Range<UInt64>, leafHash: [UInt8], proof: [[UInt8]], root: [UInt8]
    ) throws(ProofError) {
        guard Self.isSubtree(subtree), subtree.contains(index) else { throw .outOfRange }
        try checkInclusion(
            index: index - subtree.lowerBound, size: subtree.upperBound - subtree.lowerBound,
            leafHash: leafHash, proof: proof, root: root)
    }

    /// Accepts if and only if the subtree with `subtreeRoot` is part of the tree of `size` with `root`. The empty
    /// subtree, with the empty root, is part of every tree, whatever its root.
    package func checkConsistency(
        subtree: Range<UInt64>, size: UInt64, proof: [[UInt8]], subtreeRoot: [UInt8],
        root: [UInt8]
    ) throws(ProofError) {
        guard Self.isSubtree(subtree), subtree.upperBound <= size else { throw .outOfRange }
        guard !subtree.isEmpty else {
            guard proof.isEmpty else { throw .wrongLength }
            guard subtreeRoot == emptyRoot.bytes else { throw .rootMismatch }
            return
        }
        // The path upwards: the first and the last node of the subtree, and the last node of the tree, on the level
        // that is reached.
        var way = SubtreeProof(
            first: subtree.lowerBound, last: subtree.upperBound - 1, border: size - 1)
        while way.first != way.last, way.last == way.border || way.last & 1 == 1 { way.rise() }
        var siblings = proof[...]
        // A perfect subtree, or the whole right border, is its own seed and omitted from the proof.
        let isWhole = way.first == way.last
        guard let seed = isWhole ? subtreeRoot : siblings.popFirst() else { throw .wrongLength }
        var part = seed
        var whole = seed
        for sibling in siblings {
            guard way.border != 0 else { throw .wrongLength }
            if way.last & 1 == 1 || way.last == way.border {
                if way.first < way.last { part = node(sibling, part) }
                whole = node(sibling, whole)
                while way.last & 1 == 0, way.last != 0 { way.rise() }
            } else {
                whole = node(whole, sibling)
            }
            way.rise()
        }
        guard way.border == 0 else { throw .wrongLength }
        guard part == subtreeRoot, whole == root else { throw .rootMismatch }
    }

    static func isSubtree(_ range: Range<UInt64>) -> Bool {
        if range.isEmpty || range.lowerBound == 0 { return true }
        let bits = UInt64.bitWidth - (range.upperBound - range.lowerBound - 1).leadingZeroBitCount
        return range.lowerBound.trailingZeroBitCount >= bits
    }
}

private struct SubtreeProof {
    var first: UInt64
    var last: UInt64
    var border: UInt64

    mutating func rise() {
        first >>= 1
        last >>= 1
        border >>= 1
    }
}
