package import InterlockModel

/// A file of a log with its whole content.
package struct TileFile: Sendable, Equatable {
    package let path: TilePath
    package let bytes: [UInt8]

    package init(path: TilePath, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

/// Produces the tiles and entry bundles of a growing log (C2SP tlog-tiles), entry by entry.
///
/// It holds only the right edge: the open bundle and one open tile per level. It is a value: a caller that fails to
/// write the files keeps the previous copy and retries. For one size the files are always the same bytes, so writing
/// them twice is harmless.
package struct TileWriter: Sendable {
    private var tiles: HashTileWriter
    private var bundle: [UInt8] = []

    package init(_ tree: TreeHash) { tiles = HashTileWriter(tree) }

    /// Continues a published log. Everything that is read is verified against `root`, including the entries of the open
    /// bundle.
    /// - Parameter fetch: returns the content of a file, or throws `.missing`.
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

    /// The compact range of the present size, from which the root and later ranges follow.
    package var range: CompactRange { tiles.range }

    /// - Parameter entry: the bytes of the entry, at most 65,535.
    /// - Returns: the files that this entry completes, a bundle before the tiles above it.
    package mutating func append(_ entry: ArraySlice<UInt8>, leafHash: Digest) -> [TileFile] {
        EntryBundle.append(entry, to: &bundle)
        let full = tiles.append(leafHash)
        guard !full.isEmpty else { return [] }
        defer { bundle.removeAll(keepingCapacity: true) }
        return openBundle + full
    }

    /// - Returns: the files that a checkpoint of the present size needs besides full ones: the open bundle and the open
    ///   tiles, as far as they changed since they were last published.
    package mutating func publish() -> [TileFile] {
        let isNew = tiles.publishedSize != tiles.size
        return (isNew ? openBundle : []) + tiles.publish()
    }

    /// The open bundle, unless it is empty.
    private var openBundle: [TileFile] {
        guard !bundle.isEmpty, let path = TilePath(last: nil, of: tiles.size) else { return [] }
        return [TileFile(path: path, bytes: bundle)]
    }
}
