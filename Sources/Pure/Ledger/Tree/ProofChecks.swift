/// The reason why a proof was rejected.
package enum ProofError: Error, Equatable, Sendable {
    case outOfRange
    case wrongLength
    case emptyHash
    case rootMismatch
}

/// Verification of RFC 6962 proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2). Hashes are passed as bytes of any length,
/// because an external proof is not trusted before verification.
extension TreeHash {
    /// Accepts if and only if `leafHash` is at `index` of the tree of `size` with `root`.
    package func checkInclusion(
        index: UInt64, size: UInt64, leafHash: [UInt8], proof: [[UInt8]], root: [UInt8]
    ) throws(ProofError) {
        guard index < size else { throw .outOfRange }
        guard !leafHash.isEmpty, !root.isEmpty else { throw .emptyHash }
        let path = Path(index: index, size: size)
        guard proof.count == path.inner + path.border else { throw .wrongLength }
        var node = leafHash
        for (level, sibling) in proof.prefix(path.inner).enumerated() {
            node =
                index >> UInt64(level) & 1 == 0
                ? self.node(node, sibling) : self.node(sibling, node)
        }
        for sibling in proof.dropFirst(path.inner) { node = self.node(sibling, node) }
        guard node == root else { throw .rootMismatch }
    }

    /// Accepts if and only if the tree of `newSize` begins with the tree of `oldSize`. Size 0 proves nothing, so an
    /// `oldSize` of 0 is an error regardless of the proof.
    package func checkConsistency(
        oldSize: UInt64, newSize: UInt64, proof: [[UInt8]], oldRoot: [UInt8], newRoot: [UInt8]
    ) throws(ProofError) {
        guard oldSize > 0, oldSize <= newSize else { throw .outOfRange }
        try checkConsistency(
            subtree: 0..<oldSize, size: newSize, proof: proof, subtreeRoot: oldRoot, root: newRoot)
    }
}

/// The path from a leaf to the root: `inner` levels below the point where it meets the right border of the tree, and
/// `border` siblings above, all of them left ones.
private struct Path {
    let inner: Int
    let border: Int
    init(index: UInt64, size: UInt64) {
        inner = UInt64.bitWidth - (index ^ (size - 1)).leadingZeroBitCount
        border = inner == 64 ? 0 : (index >> UInt64(inner)).nonzeroBitCount
    }
}
