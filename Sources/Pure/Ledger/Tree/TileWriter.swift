package import InterlockModel

/// A file of a log, with its whole content.
package struct TileFile: Sendable, Equatable {
    package let path: TilePath
    package let bytes: [UInt8]

    package init(path: TilePath, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

/// Makes the tiles and entry bundles of a growing log (C2SP tlog-tiles), entry by entry.
///
/// Holds the right edge alone: the open bundle and one open tile per level, however long the log is. A
/// value: whoever cannot write what it gave keeps the copy from before and tries again. For one size
/// the files are always the same bytes, so writing them twice does no harm.
package struct TileWriter: Sendable {
    private let tree: TreeHash
    package private(set) var size: UInt64 = 0
    /// The size for which open tiles were last given out.
    private var publishedSize: UInt64 = 0
    private var bundle: [UInt8] = []
    /// INVARIANT: `levels[l]` holds the last `(size >> 8l) % 256` hashes of tile level l.
    private var levels: [[Digest]] = []

    package init(_ tree: TreeHash) { self.tree = tree }

    /// Goes on where a published log ends. Everything read is checked against `root`, down to the
    /// entries of the open bundle.
    /// - Parameter fetch: the content of a file, or `.missing`.
    package init(
        _ tree: TreeHash, size: UInt64, root: Digest,
        fetch: (TilePath) throws(TileFault) -> [UInt8]
    ) throws(TileFault) {
        self.tree = tree
        self.size = size
        publishedSize = size
        levels = try RightEdge(size: size, root: root, tree, fetch: fetch).levels
        guard
            let path = TilePath(
                level: nil, index: size / TilePath.span, width: Int(size % TilePath.span))
        else { return }
        let stored = try fetch(path)
        guard let entries = EntryBundle.decode(stored, count: path.width) else {
            throw .malformed(path)
        }
        guard entries.map({ tree.leaf($0) }) == levels.first else { throw .mismatch(path) }
        bundle = stored
    }

    /// - Parameter entry: at most 65,535 bytes.
    /// - Returns: the files that became full by this entry, a bundle before the tiles over it.
    package mutating func append(_ entry: ArraySlice<UInt8>, leafHash: Digest) -> [TileFile] {
        EntryBundle.append(entry, to: &bundle)
        size += 1
        var files: [TileFile] = []
        if size % TilePath.span == 0 {
            add(&files, level: nil, count: size, bundle)
            bundle.removeAll(keepingCapacity: true)
        }
        var hash = leafHash
        var level = 0
        while true {
            if level == levels.count { levels.append([]) }
            levels[level].append(hash)
            guard levels[level].count == TilePath.fullWidth else { return files }
            add(
                &files, level: level, count: size >> UInt64(8 * level),
                HashTile.encode(levels[level]))
            hash = tree.perfectRoot(levels[level][...])
            levels[level].removeAll(keepingCapacity: true)
            level += 1
        }
    }

    /// - Returns: what a checkpoint of the present size needs besides full files: the open bundle and
    ///   the open tiles, without those that were given out before and did not change since.
    package mutating func publish() -> [TileFile] {
        var files: [TileFile] = []
        if size != publishedSize { add(&files, level: nil, count: size, bundle) }
        for (level, hashes) in levels.enumerated() {
            let count = size >> UInt64(8 * level)
            guard count != publishedSize >> UInt64(8 * level), !hashes.isEmpty else { continue }
            add(&files, level: level, count: count, HashTile.encode(hashes))
        }
        publishedSize = size
        return files
    }

    /// The compact range of the present size, from which its root and later ones follow.
    package var range: CompactRange { RightEdge(size: size, levels: levels).range(tree) }

    /// Adds the last file of a level with `count` items; an empty one does not exist.
    private func add(_ files: inout [TileFile], level: Int?, count: UInt64, _ bytes: [UInt8]) {
        guard !bytes.isEmpty, let path = TilePath(last: level, of: count) else { return }
        files.append(TileFile(path: path, bytes: bytes))
    }
}
