import InterlockModel

/// Makes RFC 6962 roots and proofs out of the roots of perfect subtrees, wherever those are kept.
struct ProofMaker<Failure: Error> {
    let tree: TreeHash
    /// The root of the perfect subtree of 2^level leaves which begins at leaf index * 2^level.
    let node: (_ level: Int, _ index: UInt64) throws(Failure) -> Digest

    /// The root of the first `size` leaves.
    func root(at size: UInt64) throws(Failure) -> Digest {
        size == 0 ? tree.emptyRoot : try root(0..<size)
    }

    /// The audit path of a leaf in the tree of `size` leaves, from the leaf upwards.
    /// - Precondition: `index` is below `size`.
    func inclusion(index: UInt64, size: UInt64) throws(Failure) -> [Digest] {
        precondition(index < size, "a leaf of the tree")
        var range = 0..<size
        var proof: [Digest] = []
        while range.length > 1 {
            let middle = range.split
            if index < middle {
                proof.append(try root(middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                proof.append(try root(range.lowerBound..<middle))
                range = middle..<range.upperBound
            }
        }
        return proof.reversed()
    }

    /// Proves that the tree of `newSize` begins with that of `oldSize`.
    /// - Precondition: 0 < `oldSize` <= `newSize`.
    func consistency(oldSize: UInt64, newSize: UInt64) throws(Failure) -> [Digest] {
        precondition(oldSize > 0 && oldSize <= newSize, "an earlier size, not empty")
        var range = 0..<newSize
        var proof: [Digest] = []
        while range.upperBound != oldSize {
            let middle = range.split
            if oldSize <= middle {
                proof.append(try root(middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                proof.append(try root(range.lowerBound..<middle))
                range = middle..<range.upperBound
            }
        }
        // The old tree is one perfect subtree of the new one when the way to it went left alone.
        if range.lowerBound > 0 { proof.append(try root(range)) }
        return proof.reversed()
    }

    /// - Precondition: a range as RFC 6962 splits it: its start is a multiple of every power of two
    ///   up to its count.
    private func root(_ range: Range<UInt64>) throws(Failure) -> Digest {
        let level = range.length.trailingZeroBitCount
        if range.length == 1 << UInt64(level) {
            return try node(level, range.lowerBound >> UInt64(level))
        }
        let right = try root(range.split..<range.upperBound)
        return tree.node(try root(range.lowerBound..<range.split), right)
    }
}

extension Range<UInt64> {
    fileprivate var length: UInt64 { upperBound - lowerBound }

    /// The start and the largest power of two below the count.
    fileprivate var split: UInt64 {
        lowerBound + 1 << UInt64(UInt64.bitWidth - 1 - (length - 1).leadingZeroBitCount)
    }
}
