/// A proof that a leaf is at an index of a tree (RFC 6962, section 2.1.1; RFC 9162, 2.1.3.2).
///
/// INVARIANT: proofs are accepted as other projects accept them. Kept by `MerkleVectorTests`, `ForeignLogTests`,
/// `test_audit_verify.py`.
struct InclusionProof {
    let index: UInt64
    /// The hashes from the leaf's sibling upwards.
    let path: [Digest]

    static let maximumPath = 63

    /// Returns the root that follows from the leaf hash, or nil if index, size and length are inconsistent.
    func root(leaf: Digest, size: UInt64) -> Digest? {
        guard index < size else { return nil }
        var place = index
        var last = size - 1
        var root = leaf
        for hash in path {
            guard last > 0 else { return nil }
            if place & 1 == 1 || place == last {
                root = Tree.node(hash, root)
                while place & 1 == 0, place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                root = Tree.node(root, hash)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 ? root : nil
    }
}
