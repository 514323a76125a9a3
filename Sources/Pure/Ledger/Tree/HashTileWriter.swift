package import InterlockModel

/// Produces the hash tiles of a growing log (C2SP tlog-tiles), leaf by leaf. It holds one open tile per level, however
/// long the log is.
package struct HashTileWriter: Sendable {
    private let tree: TreeHash
    package private(set) var size: UInt64 = 0
    /// The size for which open tiles were last published.
    private(set) var publishedSize: UInt64 = 0
    /// INVARIANT: `levels[l]` holds the last `(size >> 8l) % 256` hashes of tile level l.
    private var levels: [[Digest]] = []

    package init(_ tree: TreeHash) { self.tree = tree }

    init(_ tree: TreeHash, _ edge: RightEdge) {
        self.tree = tree
        size = edge.size
        publishedSize = edge.size
        levels = edge.levels
    }

    /// - Returns: the tiles that this leaf completes, lowest level first.
    package mutating func append(_ leafHash: Digest) -> [TileFile] {
        size += 1
        var files: [TileFile] = []
        var hash = leafHash
        var level = 0
        while true {
            if level == levels.count { levels.append([]) }
            levels[level].append(hash)
            guard levels[level].count == TilePath.fullWidth else { return files }
            add(&files, level)
            hash = tree.perfectRoot(levels[level][...])
            levels[level].removeAll(keepingCapacity: true)
            level += 1
        }
    }

    /// - Returns: the open tiles that changed since they were last published.
    package mutating func publish() -> [TileFile] {
        var files: [TileFile] = []
        for level in levels.indices
        where size >> UInt64(8 * level) != publishedSize >> UInt64(8 * level) {
            add(&files, level)
        }
        publishedSize = size
        return files
    }

    /// The compact range of the present size, from which the root and later ranges follow.
    package var range: CompactRange { RightEdge(size: size, levels: levels).range(tree) }

    /// The hashes of the open tile of level 0, which are those of the leaves in the open bundle.
    var openLeaves: [Digest] { levels.first ?? [] }

    /// Adds the last tile of a level, unless it is empty.
    private func add(_ files: inout [TileFile], _ level: Int) {
        guard let path = TilePath(last: level, of: size >> UInt64(8 * level)),
            !levels[level].isEmpty
        else { return }
        files.append(TileFile(path: path, bytes: HashTile.encode(levels[level])))
    }
}
