/// A tree that grows by leaf hashes and holds only the last tile of each level, at most 256 hashes each. `append`
/// returns every full tile once.
struct TileTree {
    static let width = 256

    private(set) var size: UInt64 = 0
    /// The incomplete tile of each level, the lowest first.
    private(set) var edge: [[Digest]] = []

    /// - Returns: the tiles that this leaf completes, the lowest first.
    mutating func append(_ leaf: Digest) -> [FullTile] {
        size += 1
        var full: [FullTile] = []
        var hash = leaf
        var count = size
        var level = 0
        while true {
            if edge.count == level {
                edge.append([])
                edge[level].reserveCapacity(TileTree.width)
            }
            edge[level].append(hash)
            guard edge[level].count == TileTree.width else { return full }
            count /= UInt64(TileTree.width)
            full.append(FullTile(level: level, index: count - 1, hashes: edge[level]))
            hash = Tree.root(overPeaks: Tree.peaks(edge[level]))
            edge[level].removeAll(keepingCapacity: true)
            level += 1
        }
    }

    /// Returns the number of hashes of a level.
    func count(level: Int) -> UInt64 { level < 8 ? size >> UInt64(8 * level) : 0 }

    var root: Digest { Tree.root(overPeaks: edge.reversed().flatMap(Tree.peaks)) }

    struct FullTile {
        let level: Int
        let index: UInt64
        let hashes: [Digest]
    }
}
