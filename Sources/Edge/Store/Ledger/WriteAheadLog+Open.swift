import CLinux
import Glibc
import InterlockJSON
package import InterlockLedger
import InterlockModel
import Synchronization

extension WriteAheadLog {
    /// Creates a new log and its first record. Used only by `interlock init` and a change of epoch, never as a fallback
    /// for missing files.
    /// - Parameters:
    ///   - policy: SHA-256 of the policy that is in force, if there is one.
    ///   - before: the last checkpoint of the log that this one continues.
    package static func create(
        _ configuration: LedgerConfiguration, _ tools: LedgerTools, policy: String? = nil,
        after before: Checkpoint? = nil
    ) throws(LedgerFailure) {
        let signer = try check(configuration, tools)
        guard tools.remote == nil else {
            throw LedgerFailure(
                .configuration, "a signer begins no log: its key must be here first")
        }
        try wholeness {
            try Folder.make(configuration.directory)
            try checkFolder(configuration)
            guard !Folder.exists(configuration.wal), !Folder.exists(configuration.checkpointFile)
            else {
                throw LedgerFailure(.exists, "`\(configuration.directory)` holds a log already")
            }
            for folder in [
                configuration.wal, Folder.parent(configuration.checkpointFile),
                configuration.payloads, Folder.parent(configuration.guardFile),
            ] { try Folder.make(folder) }
            let lock = try LedgerLock(configuration.lockFile)
            let first = try Segment(
                making: Segment.name(0), in: configuration.wal, bytes: configuration.segmentBytes,
                cached: true)
            let reserve = try Segment(
                making: Segment.reserveName, in: configuration.wal,
                bytes: configuration.reserveBytes, cached: true)
            try Folder.flush(configuration.directory)
            let state = LogState(
                root: TreeHash(tools.hashing).emptyRoot, current: SegmentPosition(first),
                reserve: SegmentPosition(reserve))
            let log = WriteAheadLog(configuration, tools, state, LogHeads(), lock: lock)
            let sequencer = try Sequencer(log, signer: signer, range: CompactRange())
            var genesis = RecordDraft(.logGenesis, run: nil)
            genesis.fields["origin"] = .string(configuration.origin)
            genesis.fields["vkey"] = .string(
                tools.keys(of: configuration.origin).first?.description ?? "")
            genesis.fields["ver"] = .string(try configuration.build().base64)
            if let policy { genesis.fields["pol"] = .string(policy) }
            if let before {
                genesis.fields["from"] = [
                    "o": .string(before.origin), "size": .integer(Int64(clamping: before.size)),
                    "root": .string(before.root.base64),
                ]
            }
            try log.record([genesis], sequencer)
            let publisher = Publisher(
                log,
                Publication(
                    configuration, tools, tiles: TileWriter(TreeHash(tools.hashing)), found: 0,
                    days: BlobDays(from: 0)),
                PublishedHeads(LogHeads(), size: 0, configuration, signer: signer))
            publisher.publish(last: true)
            log.close()
            guard Folder.exists(configuration.checkpointFile) else {
                throw LedgerFailure(.io, "the new log could not be published")
            }
        }
    }

    /// Does the work while no process has the log open for writing.
    ///
    /// - Parameter directory: the folder of the log.
    /// - Throws: `locked`, or what the work throws.
    package static func whileClosed(_ directory: String, _ work: () throws -> Void) throws {
        let lock = try LedgerLock(LedgerConfiguration.lockFile(in: directory))
        defer { lock.release() }
        try work()
    }

    /// Does the same for work that waits, and returns its result.
    package static func whileClosed<Value>(
        _ directory: String, awaiting work: () async throws -> Value
    ) async throws -> Value {
        let lock = try LedgerLock(LedgerConfiguration.lockFile(in: directory))
        defer { lock.release() }
        return try await work()
    }

    /// Takes the lock, replays, cuts a torn last frame, records the end of interrupted calls, and writes `log.started`.
    /// After an error nothing on disk has changed, except for a possible cut.
    package static func open(
        _ configuration: LedgerConfiguration, _ tools: LedgerTools
    ) throws(LedgerFailure) -> WriteAheadLog {
        let signer = try check(configuration, tools)
        return try wholeness { try opened(configuration, tools, signer) }
    }

    private static func opened(
        _ configuration: LedgerConfiguration, _ tools: LedgerTools, _ signer: HeadSigner
    ) throws -> WriteAheadLog {
        guard Folder.exists(configuration.directory) else {
            throw LedgerFailure(.missing, "there is no log at `\(configuration.directory)`")
        }
        try checkFolder(configuration)
        let lock = try LedgerLock(configuration.lockFile)
        try configuration.locked?()
        let published = try head(configuration.checkpointFile, configuration, tools)
        let names = try Folder.exists(configuration.wal) ? Segment.names(in: configuration.wal) : []
        guard names.contains(where: { Segment.number(of: $0) != nil }) else {
            throw published == nil
                ? LedgerFailure(.missing, "there is no log at `\(configuration.directory)`")
                : LedgerFailure(.damaged, "the write-ahead log is gone")
        }
        let guarded = try head(configuration.guardFile, configuration, tools)
        if guarded == nil, !configuration.guardLost {
            throw LedgerFailure(.guardLost, "the guard `\(configuration.guardFile)` is gone")
        }
        var segments: [Segment] = []
        for name in names {
            segments.append(try Segment(opening: name, in: configuration.wal, writable: true))
        }
        var recovery = try LogRecovery(
            configuration, segments, published: published, guarded: guarded, tools)
        let comparison = try SignerComparison(configuration, tools)
        if try comparison?.complete(recovery.range, segments) == true {
            recovery = try LogRecovery(
                configuration, segments, published: published, guarded: guarded, tools)
            guard try comparison?.complete(recovery.range, segments) == false else {
                throw LedgerFailure(.damaged, "the frame for the signer is not read back")
            }
        }
        guard !recovery.checker.heads.isClosed else {
            throw LedgerFailure(.closed, "the epoch `\(configuration.origin)` has ended")
        }
        var cut: JSONValue?
        switch recovery.decision {
        case .clean: break
        case .damaged(let reason): throw LedgerFailure(.damaged, reason)
        case .cut(let segment, let offset): cut = try Self.cut(segments[segment], offset, tools)
        }
        let newest =
            try recovery.checkpoint.isEmpty
            ? Folder.contents(configuration.checkpointFile, limit: SignedNote.maximumBytes) ?? []
            : recovery.checkpoint
        try configuration.examine?(newest)
        try removeLeftovers(configuration.wal)
        let known = tools.allKeys(of: configuration.origin)
        let places = try RecoveredSegments(recovery.cursors) { frame in
            (try? Checkpoint(signed: frame.checkpoint, keys: known, verifier: tools.verifier))
                != nil
        }
        return try start(
            configuration, tools, signer, places, recovery, lock: lock,
            found: published?.size ?? 0,
            opening: opening(
                recovery, configuration, cut: cut, guardState: guarded == nil ? "lost" : "ok",
                isolation: comparison?.status.user ?? geteuid() == geteuid() ? "same-uid" : "uid"))
    }

    private static func start(
        _ configuration: LedgerConfiguration, _ tools: LedgerTools, _ signer: HeadSigner,
        _ places: RecoveredSegments, _ recovery: LogRecovery, lock: LedgerLock, found: UInt64,
        opening: [RecordDraft]
    ) throws -> WriteAheadLog {
        let reserve =
            try places.reserve
            ?? SegmentPosition(
                Segment(
                    making: Segment.reserveName, in: configuration.wal,
                    bytes: configuration.reserveBytes, cached: true))
        var state = LogState(
            root: recovery.range.root(TreeHash(tools.hashing)), current: places.current,
            reserve: reserve)
        state.full = places.full
        state.reserveEnd = places.reserveEnd
        state.size = recovery.range.size
        state.published = recovery.baseline.tiles.size
        state.checkpoint = recovery.checkpoint
        state.calls = recovery.checker.heads.calls
        state.room.openIntents = state.calls.open.count
        state.minimum = recovery.checker.heads.minimum
        state.refusing = "audit.recovering"
        _ = state.takeSpare()
        let log = WriteAheadLog(
            configuration, tools, state, recovery.checker.heads, lock: lock)
        let sequencer = try Sequencer(log, signer: signer, range: recovery.range)
        let publisher = Publisher(
            log,
            Publication(
                configuration, tools, tiles: recovery.baseline.tiles, found: found,
                days: BlobDays(from: state.size)),
            PublishedHeads(
                recovery.checker.heads, size: state.size, configuration, signer: signer))
        try log.record(opening, sequencer)
        log.state.withLock { $0.refusing = nil }
        publisher.publish()
        let numbers = places.segments.compactMap { Segment.number(of: $0.name) }
        let keeper = Housekeeper(
            log, sequencer, publisher, nextSegment: (numbers.max() ?? -1) + 1,
            wasFull: recovery.checker.heads.isDiskFull)
        log.start(sequencer, keeper, publisher)
        if let warning = recovery.baseline.warning {
            configuration.warn(warning)
            log.note(RecordDraft(.alarmRaised, run: nil, fields: ["code": "audit.heads"]))
        }
        return log
    }

    /// The records that open the log: the cut, the end of every call that was open, the start.
    private static func opening(
        _ recovery: LogRecovery, _ configuration: LedgerConfiguration, cut: JSONValue?,
        guardState: String, isolation: String
    ) throws(LedgerFailure) -> [RecordDraft] {
        let closings = recovery.checker.open.values
            .sorted { $0.call < $1.call }.map(\.afterRestart)
        let size = JSONValue.integer(Int64(recovery.range.size))
        var records: [RecordDraft] = []
        if cut != nil || !closings.isEmpty {
            let unknown = closings.count { $0.type == .callUnknown }
            var recovered = RecordDraft(.logRecovered, run: nil, fields: ["size": size])
            recovered.fields["cut"] = cut
            recovered.fields["unknown"] = .integer(Int64(unknown))
            records.append(recovered)
        }
        records += closings
        var started = RecordDraft(.logStarted, run: nil, fields: ["size": size])
        started.fields["ver"] = .string(try configuration.build().base64)
        started.fields["boot_id"] = .string(configuration.bootID)
        started.fields["iso"] = .string(isolation)
        started.fields["guard"] = .string(guardState)
        records.append(started)
        return records
    }

    /// Writes records on this thread, before the log's own threads run.
    private func record(_ drafts: [RecordDraft], _ sequencer: Sequencer) throws {
        for draft in drafts { try enqueue(draft, waiter: nil) }
        try sequencer.drain()
    }

    /// Zeroes the bytes of a torn write, so that the next frame has a clean place. In a reused segment this may
    /// overwrite older frames, which a published checkpoint covers.
    /// - Returns: the description of the cut for `log.recovered`.
    private static func cut(
        _ segment: Segment, _ offset: Int, _ tools: LedgerTools
    ) throws -> JSONValue {
        let head = FrameHeader(try segment.file.read(at: offset, count: FrameHeader.size))
        let count = head.map(\.paddedSize) ?? Frame.maximumBytes
        var bytes = try segment.file.read(
            at: offset, count: min(count, segment.capacity - offset))
        while bytes.last == 0 { bytes.removeLast() }
        try segment.file.write([UInt8](repeating: 0, count: bytes.count), at: offset)
        try segment.file.flush()
        return [
            "seg": .string(segment.name), "off": .integer(Int64(offset)),
            "n": .integer(Int64(bytes.count)), "h": .string(tools.hashing.sha256(bytes).base64),
        ]
    }

    private static func head(
        _ path: String, _ configuration: LedgerConfiguration, _ tools: LedgerTools
    ) throws -> Checkpoint? {
        guard let bytes = try Folder.contents(path, limit: SignedNote.maximumBytes) else {
            return nil
        }
        let origin = configuration.origin
        let head = try? Checkpoint(
            signed: bytes, keys: tools.keys(of: origin), verifier: tools.verifier)
        // The newest key signs first: if that key is unknown, the keys at hand predate a rotation.
        let newest = try? SignedNote(parsing: bytes).signatures.first { $0.name == origin }
        guard let head else {
            throw LedgerFailure(.damaged, "`\(path)` is no checkpoint signed by the log's key")
        }
        guard tools.allKeys(of: origin).contains(where: { $0.id == newest?.id }) else {
            throw LedgerFailure(.damaged, "`\(path)` is signed by a newer key, which is not here")
        }
        return head
    }

    private static func check(
        _ configuration: LedgerConfiguration, _ tools: LedgerTools
    ) throws(LedgerFailure) -> HeadSigner {
        guard let signer = HeadSigner(tools, origin: configuration.origin) else {
            throw LedgerFailure(
                .configuration, "`\(configuration.origin)` is not the origin of the log's key")
        }
        guard LedgerConfiguration.isSegmentSize(configuration.segmentBytes),
            LedgerConfiguration.isSegmentSize(configuration.reserveBytes)
        else {
            throw LedgerFailure(.configuration, "a segment has whole pages, at least 1 MiB of them")
        }
        return signer
    }

    private static func checkFolder(_ configuration: LedgerConfiguration) throws {
        let path = configuration.directory
        var info = stat()
        guard unsafe stat(path, &info) == 0 else { throw SystemError("stat", path) }
        guard info.st_mode & 0o027 == 0 else {
            throw LedgerFailure(.exposed, "others may read or change `\(path)`; chmod 700 it")
        }
        guard try configuration.allowAnyFilesystem || DiskSpace.isFitForLog(path) else {
            throw LedgerFailure(
                .filesystem, "`\(path)` is not on ext4 or xfs, which keep what was flushed")
        }
    }

    private static func removeLeftovers(_ folder: String) throws(SystemError) {
        for name in try Folder.names(folder) where name.hasSuffix(".tmp") || name.hasSuffix(".new")
        {
            try Folder.remove("\(folder)/\(name)")
        }
    }
}
