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
/// Holds the right edge alone: the open bundle and one open tile per level. A value: whoever cannot
/// write what it gave keeps the copy from before and tries again. For one size the files are always
/// the same bytes, so writing them twice does no harm.
package struct TileWriter: Sendable {
    private var tiles: HashTileWriter
    private var bundle: [UInt8] = []

    package init(_ tree: TreeHash) { tiles = HashTileWriter(tree) }

    /// Goes on where a published log ends. Everything read is checked against `root`, down to the
    /// entries of the open bundle.
    /// - Parameter fetch: the content of a file, or `.missing`.
    package init(
        _ tree: TreeHash, size: UInt64, root: Digest,
        fetch: (TilePath) throws(TileFault) -> [UInt8]
    ) throws(TileFault) {
        tiles = HashTileWriter(tree, try RightEdge(size: size, root: root, tree, fetch: fetch))
        guard
            let path = TilePath(
                level: nil, index: size / TilePath.span, width: Int(size % TilePath.span))
        else { return }
        let stored = try fetch(path)
        guard let entries = EntryBundle.decode(stored, count: path.width) else {
            throw .malformed(path)
        }
        guard entries.map({ tree.leaf($0) }) == tiles.openLeaves else { throw .mismatch(path) }
        bundle = stored
    }

    package var size: UInt64 { tiles.size }

    /// The compact range of the present size, from which its root and later ones follow.
    package var range: CompactRange { tiles.range }

    /// - Parameter entry: at most 65,535 bytes.
    /// - Returns: the files that became full by this entry, a bundle before the tiles over it.
    package mutating func append(_ entry: ArraySlice<UInt8>, leafHash: Digest) -> [TileFile] {
        EntryBundle.append(entry, to: &bundle)
        let full = tiles.append(leafHash)
        guard !full.isEmpty else { return [] }
        defer { bundle.removeAll(keepingCapacity: true) }
        return openBundle + full
    }

    /// - Returns: what a checkpoint of the present size needs besides full files: the open bundle and
    ///   the open tiles, without those that were given out before and did not change since.
    package mutating func publish() -> [TileFile] {
        let isNew = tiles.publishedSize != tiles.size
        return (isNew ? openBundle : []) + tiles.publish()
    }

    /// An empty one does not exist.
    private var openBundle: [TileFile] {
        guard !bundle.isEmpty, let path = TilePath(last: nil, of: tiles.size) else { return [] }
        return [TileFile(path: path, bytes: bundle)]
    }
}
