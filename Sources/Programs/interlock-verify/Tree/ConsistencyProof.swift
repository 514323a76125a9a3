/// A proof that one tree is the beginning of a larger one (RFC 9162, section 2.1.4).
struct ConsistencyProof {
    let path: [Digest]

    static let maximumPath = 64
    static let maximumBytes = 64 * 45

    /// Parses one hash in base64 on each line.
    ///
    /// - Returns: nil if the bytes are anything else.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= ConsistencyProof.maximumBytes else { return nil }
        var path: [Digest] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            guard path.count < ConsistencyProof.maximumPath, let hash = Digest(base64: rest[..<end])
            else { return nil }
            path.append(hash)
            rest = rest[(end + 1)...]
        }
        guard rest.isEmpty else { return nil }
        self.path = path
    }

    /// Returns whether the tree of `size` and `root` begins with the tree of `oldSize` and `oldRoot`.
    func proves(oldSize: UInt64, oldRoot: Digest, size: UInt64, root: Digest) -> Bool {
        guard oldSize <= size else { return false }
        guard oldSize < size else { return path.isEmpty && oldRoot == root }
        guard oldSize > 0 else { return path.isEmpty && oldRoot == Tree.empty }
        // The old root itself is the first hash if its tree is perfect.
        var hashes = oldSize & (oldSize - 1) == 0 ? [oldRoot] + path : path
        guard !hashes.isEmpty else { return false }
        var place = oldSize - 1
        var last = size - 1
        while place & 1 == 1 {
            place >>= 1
            last >>= 1
        }
        let first = hashes.removeFirst()
        var older = first
        var newer = first
        for hash in hashes {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                older = Tree.node(hash, older)
                newer = Tree.node(hash, newer)
                while place & 1 == 0, place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                newer = Tree.node(newer, hash)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && older == oldRoot && newer == root
    }
}
