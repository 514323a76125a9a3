import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// Orders records, signs and flushes: the only writer of frames (docs/specs/ledger.md, section 8). Used by one thread
/// at a time: the opening one during recovery, its own afterwards.
///
/// INVARIANT: a write or flush that fails, kept or not, ends the process before a caller reads of it. Kept by
/// `test_faults.py`. A signer that does not sign ends nothing: the frame waits for it, and permits are refused meanwhile.
@safe final class Sequencer: Sendable {
    private let log: WriteAheadLog
    private let tree: TreeHash
    private let signer: HeadSigner
    /// Is nil if this process holds the log's key.
    private let unsigned: UnsignedFrameFile?
    /// Never signalled: its only use is to wait for some time.
    private let pause = Wakeup()
    @safe private nonisolated(unsafe) var range: CompactRange
    @safe private nonisolated(unsafe) var current: SegmentPosition
    @safe private nonisolated(unsafe) var reserve: SegmentPosition

    static let maximumBatchBytes = 1 << 20
    /// The interval between two requests to a signer that does not sign, in milliseconds.
    private static let signerPause: Int32 = 100
    /// The time that a start waits for a signer.
    private static let signerPatience = Duration.seconds(10)

    init(_ log: WriteAheadLog, signer: HeadSigner, range: CompactRange) throws(SystemError) {
        self.log = log
        self.signer = signer
        unsigned = signer.isRemote ? try UnsignedFrameFile(log.configuration) : nil
        self.range = range
        (current, reserve) = log.state.withLock { ($0.current, $0.reserve) }
        tree = TreeHash(log.tools.hashing)
        log.configuration.follower?.begin(at: range)
    }

    func run() {
        while true {
            switch take() {
            case .batch(let entries): guard commit(entries, until: nil) else { return }
            case .nothing: log.wakeup.wait()
            case .closed: return
            }
        }
    }

    /// Commits the queued records on the caller's thread.
    ///
    /// - Throws: `io` if the log's signer does not sign in time.
    func drain() throws(LedgerFailure) {
        let end = log.tools.clock.boot + Self.signerPatience
        while case .batch(let entries) = take() {
            guard commit(entries, until: end) else {
                throw LedgerFailure(.io, "the log's signer does not sign")
            }
        }
    }

    private enum Taken {
        case batch([PendingRecord])
        case nothing
        case closed
    }

    /// Takes at most 4,096 records and 1 MiB, all for the same file. Does not wait for more records: they gathered
    /// during the flush of the previous frame.
    private func take() -> Taken {
        log.state.withLock { state in
            guard let first = state.queue.first else {
                return state.closing ? .closed : .nothing
            }
            if first.pool == .segments, first.credit > state.room.current { roll(&state) }
            let room = first.pool == .segments ? state.room.current : state.room.reserve
            var count = 0
            var bytes = 0
            for entry in state.queue {
                let size = entry.recordBytes + entry.blobBytes
                guard entry.pool == first.pool, count < Frame.maximumRecords,
                    count == 0
                        || (bytes + size <= Self.maximumBatchBytes
                            && Self.frameBytes(bytes + size) <= room)
                else { break }
                count += 1
                bytes += size
            }
            state.inFlight = Array(state.queue.prefix(count))
            state.queue.removeFirst(count)
            return .batch(state.inFlight)
        }
    }

    /// INVARIANT: the account of room admits no record that would need a missing spare segment.
    private func roll(_ state: inout LogState) {
        guard let next = state.spare else { preconditionFailure("a record without room") }
        state.full.append(FullSegment(place: current, end: range.size))
        current = next
        state.current = next
        state.spare = nil
        state.room.current = next.left
        state.room.spare = 0
        log.publisher.withLock { $0 }?.hurry()
    }

    private static func frameBytes(_ bytes: Int) -> Int {
        Frame.paddedSize(
            recordBytes: bytes, blobBytes: 0, checkpointBytes: SegmentSpace.checkpointBytes)
    }

    /// - Parameter end: the time until which a signer is waited for, or nil to wait until the log is closed.
    /// - Returns: false if the signer did not sign: then these records and all that are queued are refused.
    private func commit(_ entries: [PendingRecord], until end: BootTime?) -> Bool {
        let before = range
        let hashes = entries.map(\.leaf.hash)
        for hash in hashes { range.append(hash, tree) }
        let root = range.root(tree)
        let pool = entries.first?.pool ?? .segments
        let place = pool == .segments ? current : reserve
        let growth = TreeGrowth(
            origin: log.configuration.origin, from: before.size, leafHashes: hashes, root: root)
        // Encoded once: without its checkpoint if that is to come from another process.
        let draft = unsigned.map { _ in encoded(entries, [], from: before.size, use: place.use) }
        guard let checkpoint = signed(growth, draft, place, until: end) else {
            range = before
            refuse(entries)
            return false
        }
        // A crash after this point leaves the whole frame or a torn one; its records were not acknowledged.
        let size = write(entries, checkpoint, draft, from: before.size, to: place)
        switch pool {
        case .segments: current.offset += size
        case .reserve: reserve.offset += size
        }
        let credits = entries.reduce(0) { $0 + $1.credit }
        log.state.withLock { state in
            state.size = range.size
            state.root = root
            state.checkpoint = checkpoint
            state.inFlight = []
            for entry in entries {
                state.recent.append(
                    DurableRecord(move: entry.move, blobCount: entry.blobs.count))
            }
            switch pool {
            case .segments:
                state.room.current -= size
                state.room.owed -= credits
            case .reserve:
                state.room.reserve -= size
                state.room.reserveOwed -= credits
                state.reserveEnd = range.size
            }
        }
        // The frame is durable: only now may its records be acknowledged.
        let committed = CommittedFrame(
            before: before, leafHashes: hashes, checkpoint: checkpoint)
        log.configuration.follower?.extend(by: hashes, checkpoint: checkpoint)
        log.configuration.answering { answer(entries, committed, from: before.size) }
        return true
    }

    /// Returns the signed checkpoint after the growth. Another process may hold the key: then the frame is durable
    /// before it is asked, and it is asked until it signs.
    ///
    /// - Parameter draft: the frame without its checkpoint, if another process holds the key.
    /// - Returns: nil if the time is over, or the log is being closed, and the signer has not signed.
    private func signed(
        _ growth: TreeGrowth, _ draft: [UInt8]?, _ place: SegmentPosition, until end: BootTime?
    ) -> [UInt8]? {
        if let unsigned, let draft {
            do throws(SystemError) { try unsigned.write(draft, for: place) } catch {
                log.configuration.onFatal(error.description)
            }
        }
        // If the process dies from here on, the signer may have signed a tree that only the file has.
        var isWaiting = false
        while true {
            do throws(LogSigningFailure) {
                let note = try signer.sign(growth)
                if isWaiting { log.setUnsigned(nil) }
                return note
            } catch {
                if !isWaiting { log.setUnsigned(error) }
                isWaiting = true
            }
            let isOver = end.map { log.tools.clock.boot >= $0 } ?? false
            if isOver || log.state.withLock({ $0.closing }) { return nil }
            pause.wait(milliseconds: Self.signerPause)
        }
    }

    private func refuse(_ entries: [PendingRecord]) {
        let queued = log.state.withLock { state in
            defer {
                state.inFlight = []
                state.queue = []
            }
            return state.queue
        }
        for entry in entries + queued {
            entry.waiter?.answer(
                .failure(
                    LedgerRefusal(
                        code: "audit.unavailable", detail: "the log's signer does not sign")))
        }
    }

    /// - Parameter first: the index of the first entry.
    private func answer(
        _ entries: [PendingRecord], _ committed: CommittedFrame, from first: UInt64
    ) {
        for (place, entry) in entries.enumerated() {
            let receipt = Receipt(
                index: first + UInt64(place), leafHash: entry.leaf.hash, frame: committed)
            let heard = entry.waiter?.answer(.success(receipt)) ?? true
            // The caller that waited for this intent received a timeout, so the call is never sent.
            if !heard, case .opens(let opened) = entry.move.effect {
                _ = try? log.enqueue(opened.denied(code: "audit.timeout"), waiter: nil)
            }
        }
    }

    /// Writes one frame and makes it durable.
    /// - Parameters:
    ///   - draft: the frame without its checkpoint, if it is encoded already.
    ///   - first: the index of its first record.
    /// - Returns: the number of bytes that it takes in the segment.
    private func write(
        _ entries: [PendingRecord], _ checkpoint: [UInt8], _ draft: [UInt8]?,
        from first: UInt64, to place: SegmentPosition
    ) -> Int {
        let size = Frame.paddedSize(
            recordBytes: entries.reduce(0) { $0 + $1.recordBytes },
            blobBytes: entries.reduce(0) { $0 + $1.blobBytes }, checkpointBytes: checkpoint.count)
        let trailing = place.endMark(behind: size)
        let frame =
            draft.map {
                Frame.sign($0, checkpoint, trailing: trailing, checksum: CRC32C.fastest)
            }
            ?? encoded(
                entries, checkpoint, from: first, use: place.use, trailing: trailing)
        write(frame, to: place)
        return size
    }

    /// Returns the bytes of a frame, and as many zeros behind it.
    private func encoded(
        _ entries: [PendingRecord], _ checkpoint: [UInt8], from first: UInt64, use: UInt64,
        trailing: Int = 0
    ) -> [UInt8] {
        let records = Frame.Section(
            count: entries.count, bytes: entries.reduce(0) { $0 + $1.recordBytes })
        let blobs = Frame.Section(
            count: entries.reduce(0) { $0 + $1.blobs.count },
            bytes: entries.reduce(0) { $0 + $1.blobBytes })
        return Frame.encode(
            use: use, first: first, records: records, blobs: blobs, checkpoint: checkpoint,
            trailing: trailing, checksum: CRC32C.fastest
        ) { bytes in
            for entry in entries { EntryBundle.append(entry.leaf.bytes, to: &bytes) }
            for entry in entries {
                for blob in entry.blobs { BlobPack.append(blob, to: &bytes) }
            }
        }
    }

    private func write(_ frame: [UInt8], to place: SegmentPosition) {
        let file = place.segment.file
        let disk = log.configuration.disk
        let written = disk.write(file.number, frame[...], place.offset)
        // The segment was preallocated: any error means that the file system broke its guarantee.
        let failed = written != 0 ? written : disk.flush(file.number)
        if failed != 0 {
            let call = written != 0 ? "write" : "fdatasync"
            log.configuration.onFatal(SystemError(call, file.path, code: failed).description)
        }
    }

    /// Restarts the reserve. The caller must hold the lock, and no record for the reserve may be queued or in flight.
    func renewReserve(_ place: SegmentPosition) { reserve = place }
}
