import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@Suite struct TileReaderTests {
    static let large = 70_000
    private static func whole(_ count: Int) -> MerkleTree {
        var whole = MerkleTree(tree)
        for place in 0..<count { whole.append(tree.leaf(TestTiles.entry(place))) }
        return whole
    }

    @Test
    func
        `roots and proofs from tiles are those of the whole tree, at the cost of one tile a level`()
        throws
    {
        var random = SeededGenerator("proofs from tiles")
        for count in [0, 1, 2, 255, 256, 257, 511, 512, 1_999, 65_536, Self.large] {
            let whole = Self.whole(count)
            let (tiles, writer) = TestTiles.log(of: count)
            let root = writer.range.root(tree)
            let size = UInt64(count)
            for _ in 0..<20 {
                tiles.forgetReads()
                var reader = try TileReader(tree, size: size, root: root, fetch: tiles.fetch)
                let shown = UInt64.random(in: 0...size, using: &random)
                #expect(try reader.root(at: shown) == whole.root(at: shown))
                guard shown > 0 else { continue }
                let index = UInt64.random(in: 0..<shown, using: &random)
                #expect(
                    try reader.inclusionProof(index: index, size: shown)
                        == whole.inclusionProof(index: index, size: shown))
                let old = UInt64.random(in: 1...shown, using: &random)
                #expect(
                    try reader.consistencyProof(oldSize: old, newSize: shown)
                        == whole.consistencyProof(oldSize: old, newSize: shown))
                // There are three levels of tiles; four positions are read in addition to the right edge.
                #expect(tiles.reads <= 3 + 4 * 3, "size \(count)")
            }
        }
    }

    @Test func `a tile is read that has become full since`() throws {
        let (tiles, writer) = TestTiles.log(of: 300)
        let partial = try #require(TilePath(level: 0, index: 1, width: 44))
        let grown = TestTiles.log(of: 600).tiles
        grown.files[partial] = nil
        for (path, bytes) in tiles.files where path.level == 1 { grown.files[path] = bytes }
        var reader = try TileReader(
            tree, size: 300, root: writer.range.root(tree), fetch: grown.fetch)
        #expect(try reader.leafHash(299) == tree.leaf(TestTiles.entry(299)))
        #expect(throws: TileFault.outOfRange) { try reader.leafHash(300) }
    }

    @Test func `a flipped bit is found in whichever tile a hash is read from`() throws {
        let (tiles, writer) = TestTiles.log(of: Self.large)
        let root = writer.range.root(tree)
        let levelOne = try #require(TilePath(level: 1, index: 0))
        // Hash 3 of level 1 is the root of leaves 768 to 1,023.
        for (path, level, index) in [
            (levelOne, 8, UInt64(3)), (levelOne, 0, 1_000),
            (try #require(TilePath(level: 0, index: 3)), 0, 800),
        ] {
            let good = try #require(tiles.files[path])
            var bytes = good
            bytes[3 * 32 + 5] ^= 0x10
            tiles.files[path] = bytes
            var reader = try TileReader(
                tree, size: UInt64(Self.large), root: root, fetch: tiles.fetch)
            #expect(throws: TileFault.mismatch(path)) {
                try reader.hash(level: level, index: index)
            }
            tiles.files[path] = good
            #expect(throws: Never.self) { try reader.hash(level: level, index: index) }
        }
        for path in tiles.files.keys where path.level != nil && path.isPartial {
            let good = try #require(tiles.files[path])
            tiles.files[path] = [good[0] ^ 1] + good.dropFirst()
            #expect(throws: TileFault.wrongRoot(size: UInt64(Self.large))) {
                try TileReader(tree, size: UInt64(Self.large), root: root, fetch: tiles.fetch)
            }
            tiles.files[path] = nil
            #expect(throws: TileFault.missing(path)) {
                try TileReader(tree, size: UInt64(Self.large), root: root, fetch: tiles.fetch)
            }
            tiles.files[path] = good
        }
    }
}
