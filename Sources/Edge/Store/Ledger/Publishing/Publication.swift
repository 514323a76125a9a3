import InterlockLedger
import InterlockModel

/// The published part of a log, and its extension to a larger size (docs/specs/ledger.md, section 8, step 5): packs,
/// entry bundles, hash tiles, checkpoint and guard, in this order, each as a whole file.
///
/// A value type: after an error the caller keeps the copy from before, and the same files are written again.
struct Publication: Sendable {
    private var tiles: TileWriter
    private var walk: FrameWalk
    private var batch: FileBatch
    private var open: OpenTiles
    private var hours: HourlyNotes
    private var days: BlobDays
    private let configuration: LedgerConfiguration
    private let tools: LedgerTools
    private let folder: TileFolder
    /// The size of the checkpoint found at the start; the tiles may be behind it, but no smaller checkpoint is
    /// published.
    private let found: UInt64

    /// The limits of one read from the write-ahead log, so that a large unpublished part need not fit in memory.
    static let maximumRecords: UInt64 = 4096
    static let maximumBytes = 8 << 20
    /// The bytes of frames after which a checkpoint is published in any case: the size of a segment. Each checkpoint
    /// costs partial tiles, their folders and two replaced files, however much it covers.
    static let maximumSpanBytes = 64 << 20

    /// - Parameters:
    ///   - tiles: the state of the tiles on disk.
    ///   - found: the size of the checkpoint on disk.
    ///   - days: begins at the size of the log at the start.
    init(
        _ configuration: LedgerConfiguration, _ tools: LedgerTools, tiles: TileWriter,
        found: UInt64, days: BlobDays
    ) {
        self.configuration = configuration
        self.tools = tools
        self.tiles = tiles
        self.found = found
        self.days = days
        folder = TileFolder(folder: configuration.log)
        walk = FrameWalk(from: tiles.size)
        batch = FileBatch(staging: configuration.wal, configuration.disk)
        open = OpenTiles(folder, size: tiles.size, now: tools.clock.boot)
        hours = HourlyNotes(configuration.directory + "/cosigned")
    }

    /// The size up to which everything is on disk.
    var size: UInt64 { tiles.size }
    var root: Digest { tiles.range.root(TreeHash(tools.hashing)) }

    /// Notes records that became durable.
    mutating func follow(_ records: [DurableRecord]) {
        for record in records { days.note(record) }
    }

    /// Publishes a checkpoint of the next frames.
    /// - Parameters:
    ///   - end: the size of the tree after the last durable frame.
    ///   - places: the segments with the frames above the present size.
    mutating func advance(
        to end: UInt64, _ places: [SegmentPosition], _ packs: PackWriter
    ) throws {
        walk.follow(places)
        do {
            var checkpoint: [UInt8] = []
            var bytes = 0
            while size < end, bytes < Self.maximumSpanBytes {
                let taken = try take(to: end)
                for (day, pieces) in taken.blobs { try packs.store(pieces, day: day) }
                // A crash after this point leaves files of a size that no checkpoint names yet.
                try write(taken.files)
                checkpoint = taken.checkpoint
                bytes += taken.bytes
            }
            try write(tiles.publish())
            try batch.finish()
            let now = tools.clock.now
            if size >= found { try publish(checkpoint, at: now.wall) }
            open.deleteOld(now: now.boot)
        } catch {
            packs.reopen()
            throw error
        }
    }

    private mutating func write(_ files: [TileFile]) throws {
        try batch.add(files.map { (folder.path($0.path), $0.bytes) })
        open.note(files, now: tools.clock.boot)
    }

    private mutating func publish(_ checkpoint: [UInt8], at moment: Timestamp) throws {
        let note = configuration.cosign(checkpoint)
        var files = [(path: configuration.checkpointFile, bytes: note)]
        if let hourly = try hours.file(for: note, at: moment) { files.append(hourly) }
        try batch.write(files)
        try Folder.replace(configuration.guardFile, with: note, configuration.disk)
    }

    private struct Taken {
        var files: [TileFile] = []
        var blobs: [CivilDate: [PackPiece]] = [:]
        /// The checkpoint of the last frame.
        var checkpoint: [UInt8] = []
        var bytes = 0
    }

    /// Reads the next frames back and adds their records to the tiles.
    private mutating func take(to end: UInt64) throws -> Taken {
        var taken = Taken()
        let tree = TreeHash(tools.hashing)
        let limit = min(end, size + Self.maximumRecords)
        while size < limit, taken.bytes < Self.maximumBytes {
            guard let frame = try walk.next()?.frame else {
                throw LedgerFailure(.damaged, "record \(size) is not in the write-ahead log")
            }
            for record in frame.records {
                taken.files += tiles.append(record, leafHash: tree.leaf(record))
            }
            for (day, places) in try days.take(frame) {
                taken.blobs[day, default: []].append(PackPiece(frame, places))
            }
            taken.checkpoint = frame.checkpoint
            taken.bytes += frame.header.paddedSize
        }
        // The checkpoint of the last frame covers all records before it. It is compared with the root of the tiles,
        // whose hashes are computed anyway.
        let head = try? Checkpoint(unverified: taken.checkpoint)
        guard let head, head.size == size, head.root == root else {
            throw LedgerFailure(.damaged, "a frame before record \(size) was changed")
        }
        return taken
    }
}
