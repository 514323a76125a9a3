import InterlockLedger
import InterlockModel

/// A log's files in memory, with a count of the reads.
final class TestTiles {
    var files: [TilePath: [UInt8]] = [:]
    private(set) var reads = 0

    func keep(_ made: [TileFile]) {
        for file in made { files[file.path] = file.bytes }
    }

    func fetch(_ path: TilePath) throws(TileFault) -> [UInt8] {
        reads += 1
        guard let bytes = files[path] else { throw .missing(path) }
        return bytes
    }

    func forgetReads() { reads = 0 }

    /// A log of `count` entries, with its last open tiles published.
    static func log(of count: Int) -> (tiles: TestTiles, writer: TileWriter) {
        let tiles = TestTiles()
        var writer = TileWriter(tree)
        for place in 0..<count {
            let bytes = entry(place)
            tiles.keep(writer.append(bytes[...], leafHash: tree.leaf(bytes)))
        }
        tiles.keep(writer.publish())
        return (tiles, writer)
    }

    static func entry(_ place: Int) -> [UInt8] { Array("entry \(place)".utf8) }
}
