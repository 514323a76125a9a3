import InterlockModel

/// The last, open tile of each level. The root of a size depends only on their hashes, so a checkpoint verifies all of
/// them.
struct RightEdge {
    let size: UInt64
    /// INVARIANT: `levels[l]` holds `(size >> 8l) % 256` hashes.
    let levels: [[Digest]]

    init(size: UInt64, levels: [[Digest]]) {
        self.size = size
        self.levels = levels
    }

    /// Reads the edge and verifies it against `root`.
    init(
        size: UInt64, root: Digest, _ tree: TreeHash,
        fetch: (TilePath) throws(TileFault) -> [UInt8]
    ) throws(TileFault) {
        var levels: [[Digest]] = []
        while size >> UInt64(8 * levels.count) > 0, levels.count < 8 {
            let count = size >> UInt64(8 * levels.count)
            let width = Int(count % TilePath.span)
            guard
                let path = TilePath(level: levels.count, index: count / TilePath.span, width: width)
            else {
                levels.append([])
                continue
            }
            levels.append(try HashTile.read(path, fetch))
        }
        self.init(size: size, levels: levels)
        guard range(tree).root(tree) == root else { throw .wrongRoot(size: size) }
    }

    /// Returns the peaks: each open tile consists of as many perfect subtrees as its width has set bits.
    func range(_ tree: TreeHash) -> CompactRange {
        var peaks: [Digest] = []
        for hashes in levels.reversed() {
            var rest = hashes[...]
            for bit in (0..<8).reversed() where hashes.count >> bit & 1 == 1 {
                peaks.append(tree.perfectRoot(rest.prefix(1 << bit)))
                rest = rest.dropFirst(1 << bit)
            }
        }
        guard let range = CompactRange(size: size, peaks: peaks) else {
            preconditionFailure("an edge of another size")
        }
        return range
    }
}

extension TreeHash {
    /// Returns the root over hashes of one level.
    /// - Precondition: the number of hashes is a power of two.
    func perfectRoot(_ hashes: ArraySlice<Digest>) -> Digest {
        precondition(hashes.count.nonzeroBitCount == 1, "a perfect subtree")
        var level = Array(hashes)
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: 2).map { node(level[$0], level[$0 + 1]) }
        }
        return level[0]
    }
}
