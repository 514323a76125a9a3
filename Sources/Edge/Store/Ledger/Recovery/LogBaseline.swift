import InterlockLedger
import InterlockModel

/// The state of a log according to its published files: the tiles, checked against the checkpoint, and the heads of the
/// records below it. Replays the records that the heads file does not cover.
struct LogBaseline {
    /// Empty if a tile is missing. All records must then be in the write-ahead log, as in a log of an earlier version
    /// or after a crash during the creation of the first tiles.
    private(set) var tiles: TileWriter
    private(set) var checker = LogChecker(LogHeads())
    private(set) var missing: TilePath?
    /// The reason the heads file was not used, in one sentence.
    private(set) var warning: String?
    private var reader: TileReader?

    /// - Throws: `damaged` if the files contradict each other.
    init(
        _ configuration: LedgerConfiguration, _ tools: LedgerTools, keys: [VerifierKey],
        published: Checkpoint?, guarded: Checkpoint?
    ) throws {
        let tree = TreeHash(tools.hashing)
        tiles = TileWriter(tree)
        guard let published, published.size > 0 else { return }
        let folder = TileFolder(folder: configuration.log)
        let fetch = { (path: TilePath) throws(TileFault) in try folder.fetch(path) }
        do {
            tiles = try TileWriter(tree, size: published.size, root: published.root, fetch: fetch)
            reader = try TileReader(
                tree, size: published.size, root: published.root, fetch: fetch)
            if let guarded, guarded.size <= published.size,
                try reader?.root(at: guarded.size) != guarded.root
            {
                throw LedgerFailure(
                    .damaged, "the log does not extend the guard of size \(guarded.size)")
            }
            if let start = try readHeads(configuration.headsFile, keys, tools) {
                try replay(from: start, folder, tools)
            } else {
                try replayAll(folder, tools)
            }
        } catch TileFault.missing(let path) {
            forget(missing: path, tree)
        } catch let fault as TileFault {
            throw LedgerFailure(fault)
        }
    }

    /// Discards everything that was read from the published files.
    mutating func forget(missing path: TilePath, _ tree: TreeHash) {
        missing = path
        tiles = TileWriter(tree)
        reader = nil
        checker = LogChecker(LogHeads())
    }

    /// Returns true if the tiles have this leaf hash at the index.
    mutating func holds(_ hash: Digest, at index: UInt64) throws(TileFault) -> Bool {
        try reader?.leafHash(index) == hash
    }

    /// - Returns: the size that the heads cover, or nil without a heads file that fits the log.
    private mutating func readHeads(
        _ path: String, _ keys: [VerifierKey], _ tools: LedgerTools
    ) throws -> UInt64? {
        guard let file = try Folder.contents(path, limit: SignedHeads.maximumBytes) else {
            return nil
        }
        do {
            let signed = try SignedHeads(
                parsing: file, keys: keys, verifier: tools.verifier, hashing: tools.hashing)
            if signed.size <= tiles.size, try reader?.root(at: signed.size) == signed.root {
                checker = LogChecker(signed.heads)
                return signed.size
            }
            warning = "`\(path)` is not of this log; it was made again from the records"
        } catch let fault as SignedHeads.Fault {
            let reason = fault == .malformed ? "is malformed" : "is not signed by the log's key"
            warning = "`\(path)` \(reason); it was made again from the records"
        }
        return nil
    }

    /// Replays every remaining record. Missing bundles must have been pruned, according to a later record.
    private mutating func replayAll(_ folder: TileFolder, _ tools: LedgerTools) throws {
        let first = folder.firstBundle(of: tiles.size)
        for index in 0..<first * TilePath.span {
            if let hash = try reader?.leafHash(index) { checker.skip(hash) }
        }
        try replay(from: first * TilePath.span, folder, tools)
        guard checker.heads.minimum >= first * TilePath.span else {
            throw LedgerFailure(.damaged, "the bundles of the first records are missing")
        }
    }

    private mutating func replay(
        from start: UInt64, _ folder: TileFolder, _ tools: LedgerTools
    ) throws {
        let tree = TreeHash(tools.hashing)
        var index = start
        while let path = TilePath(bundleOf: index, size: tiles.size) {
            guard let entries = EntryBundle.decode(try folder.fetch(path), count: path.width)
            else { throw LedgerFailure(.damaged, "the bundle of record \(index) is malformed") }
            for entry in entries.dropFirst(Int(index % TilePath.span)) {
                let hash = tree.leaf(entry)
                guard try holds(hash, at: index) else {
                    throw LedgerFailure(.damaged, "record \(index) in `\(path)` was changed")
                }
                do {
                    try checker.add(try StoredRecord(parsing: entry), hash: hash)
                } catch {
                    throw LedgerFailure(.damaged, "record \(index): \(error)")
                }
                index += 1
            }
        }
    }
}
