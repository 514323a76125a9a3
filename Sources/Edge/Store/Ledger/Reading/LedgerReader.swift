import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// Reads a log without its lock, even while a writer is active: records below the published size come from entry
/// bundles, later ones from whole frames. Signatures are not checked here; see `prover` and `verify`.
///
/// INVARIANT: a reader sees each record once while records move from frames to bundles. Kept by `LiveReaderTests`.
package struct LedgerReader: Sendable {
    /// The files of the published log: checkpoint, tiles, entry bundles.
    let files: LogFiles
    /// The folder of the segments, or nil if only the published files of a log exist.
    let wal: String?
    let hashing: any Hashing
    private let packs: PackIndex
    /// The cache of positions of a reader that reads repeatedly, or nil.
    private let remembered: FramePositionCache?

    /// The attempts to find records that a writer meanwhile moves from frames to bundles.
    static let maximumAttempts = 5

    /// - Parameter directory: a node's ledger (`log/` and `wal/`), or the folder of a published log alone.
    package init(directory: String, payloads: String, hashing: any Hashing) {
        let isLogAlone = Folder.exists(directory + "/checkpoint")
        files = LogFiles(folder: isLogAlone ? directory : directory + "/log")
        wal = isLogAlone ? nil : directory + "/wal"
        packs = PackIndex(payloads)
        remembered = nil
        self.hashing = hashing
    }

    private init(_ reader: LedgerReader, _ remembered: FramePositionCache) {
        (files, wal, packs, hashing) = (reader.files, reader.wal, reader.packs, reader.hashing)
        self.remembered = remembered
    }

    /// The same reader for repeated reads: it skips frames whose records are in bundles only once.
    package var remembering: LedgerReader { LedgerReader(self, FramePositionCache()) }

    /// Reads the node's own log.
    package init(_ configuration: LedgerConfiguration, hashing: any Hashing) {
        self.init(
            directory: configuration.directory, payloads: configuration.payloads, hashing: hashing)
    }

    /// Calls `body` with each record from index `start` on, oldest first, until it returns false.
    /// - Parameter start: by default the oldest record that was not pruned.
    /// - Throws: `.missing` if there is no log, or if the record `start` was pruned.
    package func scan(
        from start: UInt64? = nil, _ body: (LedgerEntry) -> Bool
    ) throws(LedgerFailure) {
        var marks: FrameTail.FramePositions = [:]
        try scan(from: start, marks: &marks, body)
    }

    /// Scans like `scan(from:_:)`, but continues from the `marks` of the previous scan, so that frames passed then are
    /// not visited again.
    func scan(
        from start: UInt64?, marks: inout FrameTail.FramePositions, _ body: (LedgerEntry) -> Bool
    ) throws(LedgerFailure) {
        let start = if let start { start } else { try first() }
        try forEachRecord(from: start, marks: &marks) { index, bytes in
            body(LedgerEntry(index: index, leaf: Leaf(stored: bytes, hashing: hashing)))
        }
    }

    /// Reads one bundle, or the frames whose records are in no bundle yet.
    /// - Returns: nil if the index is beyond the durable log.
    package func entry(at index: UInt64) throws(LedgerFailure) -> LedgerEntry? {
        var found: LedgerEntry?
        try scan(from: index) {
            found = $0
            return false
        }
        return found
    }

    /// Returns the first record that may be as recent as `time`, by binary search. Assumes that the times of records
    /// increase; after a clock was set back, the result is approximate.
    package func first(since time: Timestamp) throws(LedgerFailure) -> UInt64 {
        var (low, high) = (try first(), try size())
        while low < high {
            let middle = low + (high - low) / 2
            guard let written = try entry(at: middle)?.record?.time else { return try first() }
            if written < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Like `first(since:)`, but records of the current boot are compared by the time since boot, which steps of the
    /// clock do not affect.
    package func first(
        since time: Timestamp, orInBoot bootID: String, since boot: BootTime
    ) throws(LedgerFailure) -> UInt64 {
        var (low, high) = (try first(), try size())
        while low < high {
            let middle = low + (high - low) / 2
            guard let record = try entry(at: middle)?.record, let written = record.time else {
                return try first()
            }
            let isOld =
                record.text("boot") == bootID
                ? (record["mono"]?.integer).map { $0 < boot.microseconds } ?? false
                : written < time
            if isOld { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Returns the number of durable records.
    package func size() throws(LedgerFailure) -> UInt64 {
        try wholeness {
            let published = try files.size()
            var walk = try frames(from: published ?? 0)
            guard published != nil || walk != nil else { throw noLog }
            try remembered?.keep(&walk)
            while try walk?.next() != nil {}
            return walk?.size ?? published ?? 0
        }
    }

    /// Returns the newest `count` records, oldest first.
    package func tail(_ count: Int) throws(LedgerFailure) -> [LedgerEntry] {
        let size = try size()
        var kept: [LedgerEntry] = []
        try scan(from: max(first(), size - min(size, UInt64(max(count, 0))))) { entry in
            kept.append(entry)
            return kept.count < count
        }
        return count > 0 ? kept : []
    }

    /// Returns the records with this index, leaf hash (base64 or hex), call id or decision id. Any name except an index
    /// takes a scan of all records.
    package func show(_ name: String) throws(LedgerFailure) -> [LedgerEntry] {
        if let index = UInt64(name) { return try entry(at: index).map { [$0] } ?? [] }
        let hash = Digest(base64: name) ?? Hex.decode(name).flatMap { Digest(bytes: $0) }
        let call = CallID(name.hasPrefix("dec_") ? name.dropFirst(4) : name[...])
        var found: [LedgerEntry] = []
        guard hash != nil || call != nil else { return found }
        try scan { entry in
            if entry.leaf.hash == hash || call != nil && entry.record?.text("call") == call?.text {
                found.append(entry)
            }
            return call != nil || found.isEmpty
        }
        return found
    }

    /// Returns the stored blob with this SHA-256, from a pack, or from a frame that is in no pack yet.
    /// - Parameter day: the day of the record that names it (`PayloadDay`), or nil if unknown.
    /// - Returns: nil if neither has it.
    package func blob(
        _ digest: Digest, of day: CivilDate? = nil
    ) throws(LedgerFailure) -> [UInt8]? {
        try wholeness {
            for _ in 0..<Self.maximumAttempts {
                let published = try files.size() ?? 0
                if let blob = try packs.blob(digest, of: day) { return blob }
                var walk = try frames(from: published)
                while let frame = try walk?.next() {
                    if let blob = frame.blobs.first(where: { $0.digest == digest }) {
                        return Array(blob.bytes)
                    }
                }
                // The frames may have been overwritten meanwhile; a pack then has their blobs.
                guard try files.size() ?? 0 != published else { return nil }
            }
            return try packs.blob(digest, of: day)
        }
    }

    /// Calls `body` with the index and stored bytes of each durable record, whether in a bundle or a frame, until it
    /// returns false.
    package func forEachRecord(
        from start: UInt64, _ body: (UInt64, ArraySlice<UInt8>) -> Bool
    ) throws(LedgerFailure) {
        var marks: FrameTail.FramePositions = [:]
        try forEachRecord(from: start, marks: &marks, body)
    }

    private func forEachRecord(
        from start: UInt64, marks: inout FrameTail.FramePositions,
        _ body: (UInt64, ArraySlice<UInt8>) -> Bool
    ) throws(LedgerFailure) {
        try wholeness {
            var next = start
            var attempts = 0
            while true {
                let before = next
                let published = try files.size()
                guard try readBundles(&next, below: published ?? 0, body) else { return }
                var walk = try frames(from: next, marks: marks)
                defer { marks = walk?.marks ?? [:] }
                guard published != nil || walk != nil else { throw noLog }
                while let frame = try walk?.next() {
                    let first = frame.header.first
                    for (place, bytes) in frame.records.enumerated().dropFirst(Int(next - first)) {
                        guard body(first + UInt64(place), bytes) else { return }
                    }
                    next = frame.header.end
                }
                // Done, unless a writer meanwhile published records that no frame has any more.
                guard try (files.size() ?? 0) > next || walk?.isBehindGap == true else { return }
                attempts = next > before ? 0 : attempts + 1
                guard attempts < Self.maximumAttempts else {
                    throw LedgerFailure(
                        .missing, "record \(next) is in no bundle and in no frame any more")
                }
            }
        }
    }

    /// - Returns: false if `body` returned false.
    private func readBundles(
        _ next: inout UInt64, below size: UInt64, _ body: (UInt64, ArraySlice<UInt8>) -> Bool
    ) throws -> Bool {
        while next < size {
            guard let bundle = try files.bundle(of: next, size: size) else { return true }
            for bytes in bundle.entries.dropFirst(Int(next - bundle.first)) {
                guard body(next, bytes) else { return false }
                next += 1
            }
        }
        return true
    }

    /// Calls `body` with the frames that the write-ahead log still has, oldest first, until it returns false.
    func forEachFrame(_ body: (Frame) -> Bool) throws(LedgerFailure) {
        try wholeness {
            var walk = try frames(from: nil)
            while let frame = try walk?.next(), body(frame) {}
        }
    }

    /// - Parameter start: the first record, or nil for all frames.
    /// - Returns: nil if there is no write-ahead log.
    func frames(from start: UInt64?, marks: FrameTail.FramePositions = [:]) throws -> FrameTail? {
        guard let wal, Folder.exists(wal) else { return nil }
        let known = marks.isEmpty ? remembered?.marks : marks
        return try FrameTail(wal, from: start, marks: known ?? [:])
    }

    private var noLog: LedgerFailure {
        LedgerFailure(.missing, "there is no log at `\(files.folder)`")
    }
}

/// A record and its index.
package struct LedgerEntry: Sendable {
    package let index: UInt64
    package let leaf: Leaf
    /// The parsed record, or nil if the stored bytes are not a canonical record.
    package var record: StoredRecord? { try? StoredRecord(parsing: leaf.bytes) }

    /// Returns false if the record is certainly of another type. Searches the bytes, which costs a hundredth of parsing
    /// them: a quote within a string is escaped, so a match is a member name with its value.
    package func mayBe(_ type: RecordType) -> Bool {
        leaf.bytes.holds(RecordTypeSearch.member(of: type))
    }
}
