import Glibc
import InterlockLedger
import InterlockModel

/// Compares every file of a log with the one recomputed from its entries: each tile, and the remaining narrower
/// versions of it. Holds the log's right edge and one file at a time.
struct TileComparison {
    private let files: LogFiles
    private var writer: HashTileWriter

    init(_ files: LogFiles, _ tree: TreeHash) {
        self.files = files
        writer = HashTileWriter(tree)
    }

    /// - Returns: the faults of the tiles that this leaf completes.
    mutating func append(_ leafHash: Digest) throws(SystemError) -> [TileFault] {
        var faults: [TileFault] = []
        for file in writer.append(leafHash) { faults += try compare(file) }
        return faults
    }

    /// - Returns: the faults of the partial tiles.
    mutating func finish() throws(SystemError) -> [TileFault] {
        var faults: [TileFault] = []
        for file in writer.publish() { faults += try compare(file) }
        return faults
    }

    /// Compares the narrower versions of a bundle with its beginning.
    func compareParts(of path: TilePath, entries: [ArraySlice<UInt8>]) throws(SystemError)
        -> [TileFault]
    {
        try compareParts(of: path) { width in
            EntryBundle.encode(entries.prefix(width).map(Array.init))
        }
    }

    private func compare(_ file: TileFile) throws(SystemError) -> [TileFault] {
        var faults: [TileFault] = []
        do throws(TileFault) {
            let stored = try files.fetch(file.path)
            if stored.count != file.bytes.count {
                faults.append(.malformed(file.path))
            } else if stored != file.bytes {
                faults.append(.mismatch(file.path))
            }
        } catch {
            // If a partial tile was deleted, the beginning of the full one is compared instead.
            let full = file.path.isPartial ? try? files.fetch(file.path.full) : nil
            if full?.starts(with: file.bytes) != true { faults.append(error) }
        }
        return try faults + compareParts(of: file.path) { Array(file.bytes.prefix(32 * $0)) }
    }

    private func compareParts(
        of path: TilePath, expected: (Int) -> [UInt8]
    ) throws(SystemError) -> [TileFault] {
        var faults: [TileFault] = []
        for name in try partNames(of: path) {
            guard let width = Int(name), width < path.width,
                let part = TilePath(level: path.level, index: path.index, width: width)
            else { continue }
            do throws(TileFault) {
                if try files.fetch(part) != expected(width) { faults.append(.mismatch(part)) }
            } catch {
                // Deleted after the folder was listed.
                if error != .missing(part) { faults.append(error) }
            }
        }
        return faults
    }

    private func partNames(of path: TilePath) throws(SystemError) -> [String] {
        do throws(SystemError) {
            return try Folder.names("\(files.folder)/\(path.full).p")
        } catch {
            guard error.code == ENOENT || error.code == ENOTDIR else { throw error }
            return []
        }
    }
}
