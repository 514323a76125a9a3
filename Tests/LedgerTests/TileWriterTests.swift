import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@Suite struct TileWriterTests {
    @Test func `a log that grows by random steps gets the files that its entries alone make`()
        throws
    {
        var random = SeededGenerator("growing log")
        let steps =
            [1, 254, 1, 1, 255, 256, 257]
            + (0..<20).map { _ in
                Int.random(in: 1...400, using: &random)
            }
        var whole = MerkleTree(tree)
        let tiles = TestTiles()
        var writer = TileWriter(tree)
        var size = 0
        for step in steps {
            // A random half of the steps continues from the files alone, as after a restart.
            if Bool.random(using: &random), let root = whole.root(at: UInt64(size)) {
                writer = try TileWriter(
                    tree, size: UInt64(size), root: root, fetch: tiles.fetch)
            }
            for place in size..<size + step {
                let bytes = TestTiles.entry(place)
                whole.append(tree.leaf(bytes))
                tiles.keep(writer.append(bytes[...], leafHash: tree.leaf(bytes)))
            }
            size += step
            tiles.keep(writer.publish())
            #expect(writer.size == UInt64(size))
            #expect(writer.range.root(tree) == whole.root(at: UInt64(size)))
            #expect(writer.publish().isEmpty)
            try check(tiles, size: size)
        }
    }

    /// Compares every file that C2SP requires for this size with a plain computation.
    private func check(_ tiles: TestTiles, size: Int) throws {
        var hashes = (0..<size).map { tree.leaf(TestTiles.entry($0)) }
        var level = 0
        for start in stride(from: 0, to: size, by: 256) {
            let entries = (start..<min(start + 256, size)).map { TestTiles.entry($0) }
            let path = try #require(
                TilePath(level: nil, index: UInt64(start / 256), width: entries.count))
            #expect(tiles.files[path] == EntryBundle.encode(entries), "\(path)")
        }
        while !hashes.isEmpty {
            var above: [Digest] = []
            for start in stride(from: 0, to: hashes.count, by: 256) {
                let part = Array(hashes[start..<min(start + 256, hashes.count)])
                let path = try #require(
                    TilePath(level: level, index: UInt64(start / 256), width: part.count))
                #expect(tiles.files[path] == HashTile.encode(part), "\(path)")
                var range = CompactRange()
                for hash in part { range.append(hash, tree) }
                if part.count == 256 { above.append(range.root(tree)) }
            }
            hashes = above
            level += 1
        }
    }

    @Test func `bundles come before the tiles over them, and full files are made once`() {
        var writer = TileWriter(tree)
        var made: [TilePath] = []
        for place in 0..<512 {
            let bytes = TestTiles.entry(place)
            made += writer.append(bytes[...], leafHash: tree.leaf(bytes)).map(\.path)
        }
        made += writer.publish().map(\.path)
        #expect(
            made.map(\.description) == [
                "tile/entries/000", "tile/0/000", "tile/entries/001", "tile/0/001",
                "tile/1/000.p/2",
            ])
    }

    @Test func `a log is not continued from files that its checkpoint does not cover`() throws {
        let (tiles, writer) = TestTiles.log(of: 700)
        let root = writer.range.root(tree)
        for (path, bytes) in tiles.files where path.isPartial {
            for edited in [bytes.dropLast() + [bytes[bytes.count - 1] ^ 1], bytes.dropLast()] {
                tiles.files[path] = Array(edited)
                #expect(throws: TileFault.self, "\(path)") {
                    try TileWriter(tree, size: 700, root: root, fetch: tiles.fetch)
                }
            }
            tiles.files[path] = bytes
        }
        #expect(throws: TileFault.wrongRoot(size: 700)) {
            try TileWriter(tree, size: 700, root: tree.emptyRoot, fetch: tiles.fetch)
        }
    }
}
