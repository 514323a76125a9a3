import InterlockModel

/// Produces RFC 6962 roots and proofs from the roots of perfect subtrees, wherever those are stored.
struct ProofMaker<Failure: Error> {
    let tree: TreeHash
    /// Returns the root of the perfect subtree of 2^level leaves that begins at leaf index * 2^level.
    let node: (_ level: Int, _ index: UInt64) throws(Failure) -> Digest

    /// Returns the root of the first `size` leaves.
    func root(at size: UInt64) throws(Failure) -> Digest {
        size == 0 ? tree.emptyRoot : try root(0..<size)
    }

    /// Returns the audit path of a leaf in the tree of `size` leaves, from the leaf upwards.
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

    /// Returns a proof that the tree of `newSize` begins with that of `oldSize`.
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
        // The old tree is one perfect subtree of the new one if the path to it went only left.
        if range.lowerBound > 0 { proof.append(try root(range)) }
        return proof.reversed()
    }

    /// - Precondition: the range is one that RFC 6962 produces by splitting: its start is a multiple of every power of
    ///   two up to its length.
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

    /// The start plus the largest power of two below the length.
    fileprivate var split: UInt64 {
        lowerBound + 1 << UInt64(UInt64.bitWidth - 1 - (length - 1).leadingZeroBitCount)
    }
}
