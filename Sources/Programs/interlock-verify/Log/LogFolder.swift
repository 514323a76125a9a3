/// The files of a log (C2SP tlog-tiles).
struct LogFolder {
    private let path: String

    init(_ path: String) { self.path = path }

    /// Returns the bundle of this width, or a full one instead, with the number of entries that it should have.
    func bundle(_ index: UInt64, _ width: Int) throws(Refusal) -> (bytes: [UInt8], width: Int)? {
        if width < TileTree.width, let bytes = try partial(nil, index, width) {
            return (bytes, width)
        }
        return try contents(TilePath.full(nil, index)).map { ($0, TileTree.width) }
    }

    /// Returns the hashes of a tile of this width, or the first ones of a full tile. Bytes of a wrong length are
    /// returned unchanged: they match no hashes.
    func tile(_ level: Int, _ index: UInt64, _ width: Int) throws(Refusal) -> [UInt8]? {
        if width < TileTree.width, let bytes = try partial(level, index, width) { return bytes }
        guard let bytes = try contents(TilePath.full(level, index)) else { return nil }
        guard bytes.count == TileTree.width * Digest.count else { return bytes + [0] }
        return Array(bytes.prefix(width * Digest.count))
    }

    func partial(_ level: Int?, _ index: UInt64, _ width: Int) throws(Refusal) -> [UInt8]? {
        try contents(TilePath.partial(level, index, width))
    }

    /// Returns the widths of the partial tiles, or bundles, at one index.
    func widths(_ level: Int?, _ index: UInt64) throws(Refusal) -> [Int] {
        let names = try Files.names("\(path)/\(TilePath.full(level, index)).p") ?? []
        return names.compactMap { Decimal.parse(Array($0.utf8)[...]).flatMap { Int(exactly: $0) } }
            .filter { (1..<TileTree.width).contains($0) }
    }

    /// Returns a file's bytes. A file that is too large cannot have valid content, so a single byte replaces it.
    private func contents(_ name: String) throws(Refusal) -> [UInt8]? {
        guard let file = try OpenFile("\(path)/\(name)") else { return nil }
        guard file.count <= EntryBundle.maximumBytes else { return [0] }
        return try file.read(at: 0, count: file.count)
    }

    /// Counts the files that a checkpoint of this size does not cover.
    func strays(size: UInt64) throws(Refusal) -> Strays {
        var strays = Strays()
        for name in try Files.names(path) ?? [] where name != "checkpoint" {
            if name == "tile", Files.isFolder("\(path)/tile") { continue }
            strays.foreign += 1
        }
        var folders = Files.isFolder("\(path)/tile") ? ["tile"] : []
        while let folder = folders.popLast() {
            for name in try Files.names("\(path)/\(folder)") ?? [] {
                let inner = "\(folder)/\(name)"
                if let tile = TilePath.parse(inner), !Files.isFolder("\(path)/\(inner)") {
                    if LogFolder.isBeyond(tile, size) { strays.beyond += 1 }
                } else if Files.isFolder("\(path)/\(inner)"), folder.utf8.count < Strays.maximumPath
                {
                    folders.append(inner)
                } else {
                    strays.foreign += 1
                }
            }
        }
        return strays
    }

    struct Strays {
        /// The number of tiles and bundles of a larger log.
        var beyond = 0
        var foreign = 0
        /// The longest path in bytes; no tile has a longer one.
        static let maximumPath = 64
    }

    /// Returns whether a tile lies beyond a log of this size. Whole tiles are compared, because a stray name may have
    /// any index and the position of its last hash may overflow.
    static func isBeyond(_ tile: (level: Int?, index: UInt64, width: Int), _ size: UInt64) -> Bool {
        let level = tile.level ?? 0
        let count = level < 8 ? size >> UInt64(8 * level) : 0
        let (full, rest) = count.quotientAndRemainder(dividingBy: UInt64(TileTree.width))
        return tile.index > full || tile.index == full && UInt64(tile.width) > rest
    }
}
