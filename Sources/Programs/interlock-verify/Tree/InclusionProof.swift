/// A proof that a leaf stands at an index of a tree (RFC 6962, section 2.1.1; RFC 9162, 2.1.3.2).
struct InclusionProof {
    let index: UInt64
    /// From the leaf's sibling up.
    let path: [Digest]

    static let maximumPath = 63

    /// The root that follows from the leaf hash; nil when index, size and length do not go together.
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
