import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// Reads a log without its lock, also while a writer is at work: records below the published size come
/// from entry bundles, later ones from the frames that are whole. Signatures are not checked here; see
/// `prover` and `verify`.
package struct LedgerReader: Sendable {
    /// Where the files of the log are: checkpoint, tiles, entry bundles.
    let files: LogFiles
    /// nil for a log of which there are no more than its published files.
    let wal: String?
    let hashing: any Hashing
    private let packs: PackIndex
    /// nil for one that reads once.
    private let remembered: FramePositionCache?

    /// How often records are looked for that a writer moves from frames to bundles meanwhile.
    static let maximumAttempts = 5

    /// - Parameter directory: a node's ledger (`log/` and `wal/`), or the folder of a log alone.
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

    /// The same for one who reads again and again: frames that bundles have are passed once.
    package var remembering: LedgerReader { LedgerReader(self, FramePositionCache()) }

    /// Of the log that is configured, a node's own.
    package init(_ configuration: LedgerConfiguration, hashing: any Hashing) {
        self.init(
            directory: configuration.directory, payloads: configuration.payloads, hashing: hashing)
    }

    /// Calls `body` with each record from index `start` on, oldest first, until it returns false.
    /// - Parameter start: by default the first record that pruning left.
    /// - Throws: `.missing` when there is no log, or the record `start` was pruned.
    package func scan(
        from start: UInt64? = nil, _ body: (LedgerEntry) -> Bool
    ) throws(LedgerFailure) {
        var marks: FrameTail.FramePositions = [:]
        try scan(from: start, marks: &marks, body)
    }

    /// The same for one who comes again: `marks` are of the last time, so that frames which were passed then
    /// are not passed again one by one.
    func scan(
        from start: UInt64?, marks: inout FrameTail.FramePositions, _ body: (LedgerEntry) -> Bool
    ) throws(LedgerFailure) {
        let start = if let start { start } else { try first() }
        try forEachRecord(from: start, marks: &marks) { index, bytes in
            body(LedgerEntry(index: index, leaf: Leaf(stored: bytes, hashing: hashing)))
        }
    }

    /// Reads one bundle, or the frames that are in no bundle yet.
    /// - Returns: nil beyond the durable log.
    package func entry(at index: UInt64) throws(LedgerFailure) -> LedgerEntry? {
        var found: LedgerEntry?
        try scan(from: index) {
            found = $0
            return false
        }
        return found
    }

    /// The first record that may be as young as that. Records are mostly in the order of their times: where a clock was
    /// set back it is an earlier one.
    package func first(since time: Timestamp) throws(LedgerFailure) -> UInt64 {
        var (low, high) = (try first(), try size())
        while low < high {
            let middle = low + (high - low) / 2
            guard let written = try entry(at: middle)?.record?.time else { return try first() }
            if written < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The same where what is sought is of this boot: its records are judged by the time since boot, which no step of a
    /// clock moves.
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

    /// Durable records.
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

    /// The newest records, oldest of them first.
    package func tail(_ count: Int) throws(LedgerFailure) -> [LedgerEntry] {
        let size = try size()
        var kept: [LedgerEntry] = []
        try scan(from: max(first(), size - min(size, UInt64(max(count, 0))))) { entry in
            kept.append(entry)
            return kept.count < count
        }
        return count > 0 ? kept : []
    }

    /// The records that an index, a leaf hash (base64 or hex), a call id or a decision id names. All
    /// but an index cost a look at every record.
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

    /// The stored blob with this SHA-256, from a pack, or from a frame that is in no pack yet.
    /// - Parameter day: of the record that names it (`PayloadDay`); nil where that is not known.
    /// - Returns: nil when neither has it.
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
                // Frames may have been given up meanwhile: then a pack has what they held.
                guard try files.size() ?? 0 != published else { return nil }
            }
            return try packs.blob(digest, of: day)
        }
    }

    /// Follows what is durable, wherever it is by now: calls `body` with index and stored bytes, until it returns false.
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
                // Done, unless a writer published meanwhile what no frame has any more.
                guard try (files.size() ?? 0) > next || walk?.isBehindGap == true else { return }
                attempts = next > before ? 0 : attempts + 1
                guard attempts < Self.maximumAttempts else {
                    throw LedgerFailure(
                        .missing, "record \(next) is in no bundle and in no frame any more")
                }
            }
        }
    }

    /// - Returns: false when `body` wants no more.
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

    /// The frames that the write-ahead log still has, oldest first, until `body` returns false.
    func forEachFrame(_ body: (Frame) -> Bool) throws(LedgerFailure) {
        try wholeness {
            var walk = try frames(from: nil)
            while let frame = try walk?.next(), body(frame) {}
        }
    }

    /// - Parameter start: nil for all frames that there are.
    /// - Returns: nil when there is no write-ahead log.
    func frames(from start: UInt64?, marks: FrameTail.FramePositions = [:]) throws -> FrameTail? {
        guard let wal, Folder.exists(wal) else { return nil }
        let known = marks.isEmpty ? remembered?.marks : marks
        return try FrameTail(wal, from: start, marks: known ?? [:])
    }

    private var noLog: LedgerFailure {
        LedgerFailure(.missing, "there is no log at `\(files.folder)`")
    }
}

/// A record and its place.
package struct LedgerEntry: Sendable {
    package let index: UInt64
    package let leaf: Leaf
    /// nil when the stored bytes are in no canonical form.
    package var record: StoredRecord? { try? StoredRecord(parsing: leaf.bytes) }

    /// False when the record is surely of another type. Searches its bytes, which costs a hundredth of
    /// reading them: a quote within a text is escaped, so what is sought is a name and its value.
    package func mayBe(_ type: RecordType) -> Bool {
        leaf.bytes.holds(Array("\"t\":\"\(type.rawValue)\"".utf8))
    }
}
