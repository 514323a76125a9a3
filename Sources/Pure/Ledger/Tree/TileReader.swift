package import InterlockModel

/// Reads the hashes of a log from its tiles. Every returned hash is verified: the tiles of the right edge yield the
/// checkpoint's root, and every other tile hashes to its entry in the tile above it. (A reader that verifies only some
/// of its tiles accepts manipulated ones: CVE-2026-56865 of Go's `sumdb`.)
///
/// A proof reads one tile per level besides the right edge, so their number grows with the logarithm of the size. Up to
/// `maximumKept` verified tiles are cached, hence `mutating`.
///
/// INVARIANT: a hash counts only if the checkpoint's root covers it. Kept by `TileReaderTests`, `LogFolderTests`.
package struct TileReader {
    /// The size of the checkpoint plus the appended leaves.
    package var size: UInt64 { tail.end }
    private let tree: TreeHash
    private let fetch: (TilePath) throws(TileFault) -> [UInt8]
    private let edge: RightEdge
    private var tail: TreeTail
    private var kept: [Position: [Digest]] = [:]

    /// The maximum number of cached tiles, about 2 MiB of hashes.
    static let maximumKept = 256

    private struct Position: Hashable {
        let level: Int
        let index: UInt64
    }

    /// - Parameters:
    ///   - size, root: the size and root of a checkpoint whose signature was verified.
    ///   - fetch: returns the content of a file, or throws `.missing`. It is called once for each tile that is not
    ///     cached.
    /// - Throws: an error if the right edge does not yield the root.
    package init(
        _ tree: TreeHash, size: UInt64, root: Digest,
        fetch: @escaping (TilePath) throws(TileFault) -> [UInt8]
    ) throws(TileFault) {
        self.tree = tree
        self.fetch = fetch
        tail = TreeTail(first: size)
        edge = try RightEdge(size: size, root: root, tree, fetch: fetch)
    }

    /// Appends a leaf after those of the checkpoint, for records that are not yet in a tile. The caller vouches for the
    /// hash, and should compare the new root with a signed one.
    package mutating func append(_ leafHash: Digest) { tail.hashes.append(leafHash) }

    /// Returns the root of the perfect subtree of 2^level leaves that begins at leaf index * 2^level.
    package mutating func hash(level: Int, index: UInt64) throws(TileFault) -> Digest {
        guard (0..<64).contains(level), index < size >> UInt64(level) else { throw .outOfRange }
        var reader = self
        defer { kept = reader.kept }
        return try tail.node(level, index, tree) { level, index throws(TileFault) in
            try reader.published(level, index)
        }
    }

    private mutating func published(_ level: Int, _ index: UInt64) throws(TileFault) -> Digest {
        let inner = UInt64(level % 8)
        let count = 1 << Int(inner)
        // 2^inner hashes of the tile below, which never extend beyond its end.
        let first = index << inner
        let hashes = try tile(level / 8, first / TilePath.span)
        let start = Int(first % TilePath.span)
        guard start + count <= hashes.count else { throw .outOfRange }
        return tree.perfectRoot(hashes[start..<start + count])
    }

    package mutating func leafHash(_ index: UInt64) throws(TileFault) -> Digest {
        try hash(level: 0, index: index)
    }

    /// Returns the root of the first `size` leaves; the checkpoint may have more.
    package mutating func root(at size: UInt64) throws(TileFault) -> Digest {
        guard size <= self.size else { throw .outOfRange }
        return try proving { maker throws(TileFault) in try maker.root(at: size) }
    }

    /// Returns the right edge of the first `size` leaves; the checkpoint may have more.
    package mutating func range(at size: UInt64) throws(TileFault) -> CompactRange {
        guard size <= self.size else { throw .outOfRange }
        var peaks: [Digest] = []
        for level in (0..<UInt64.bitWidth).reversed() {
            let count = size >> UInt64(level)
            if count & 1 == 1 { peaks.append(try hash(level: level, index: count - 1)) }
        }
        guard let range = CompactRange(size: size, peaks: peaks) else { throw .outOfRange }
        return range
    }

    /// Returns the audit path of a leaf in the tree of `size` leaves, from the leaf upwards.
    package mutating func inclusionProof(
        index: UInt64, size: UInt64
    ) throws(TileFault) -> [Digest] {
        guard index < size, size <= self.size else { throw .outOfRange }
        return try proving { maker throws(TileFault) in
            try maker.inclusion(index: index, size: size)
        }
    }

    /// Returns a proof that the tree of `newSize` begins with that of `oldSize`, which must not be 0.
    package mutating func consistencyProof(
        oldSize: UInt64, newSize: UInt64
    ) throws(TileFault) -> [Digest] {
        guard oldSize > 0, oldSize <= newSize, newSize <= size else { throw .outOfRange }
        return try proving { maker throws(TileFault) in
            try maker.consistency(oldSize: oldSize, newSize: newSize)
        }
    }

    private mutating func proving<Value>(
        _ body: (ProofMaker<TileFault>) throws(TileFault) -> Value
    ) throws(TileFault) -> Value {
        var reader = self
        defer { kept = reader.kept }
        let maker = ProofMaker(tree: tree) { level, index throws(TileFault) in
            try reader.hash(level: level, index: index)
        }
        return try body(maker)
    }

    /// Returns the hashes of a tile after verification against the tile above, recursively up to the right edge.
    private mutating func tile(_ level: Int, _ index: UInt64) throws(TileFault) -> [Digest] {
        guard level < edge.levels.count else { throw .outOfRange }
        if index == edge.size >> UInt64(8 * level) / TilePath.span { return edge.levels[level] }
        let place = Position(level: level, index: index)
        if let hashes = kept[place] { return hashes }
        guard let path = TilePath(level: level, index: index) else { throw .outOfRange }
        let above = try tile(level + 1, index / TilePath.span)
        let hashes = try HashTile.read(path, fetch)
        guard above[Int(index % TilePath.span)] == tree.perfectRoot(hashes[...]) else {
            throw .mismatch(path)
        }
        if kept.count == Self.maximumKept { kept.removeAll(keepingCapacity: true) }
        kept[place] = hashes
        return hashes
    }
}
