import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// Orders records, signs and flushes: the only writer of frames (docs/specs/ledger.md, section 8). Used by one thread
/// at a time: the opening one during recovery, its own afterwards.
///
/// INVARIANT: a write or flush that fails, kept or not, ends the process before a caller reads of it. Kept by
/// `test_faults.py`.
@safe final class Sequencer: Sendable {
    private let log: WriteAheadLog
    private let tree: TreeHash
    private let signer: HeadSigner
    @safe private nonisolated(unsafe) var range: CompactRange
    @safe private nonisolated(unsafe) var current: SegmentPosition
    @safe private nonisolated(unsafe) var reserve: SegmentPosition

    static let maximumBatchBytes = 1 << 20

    init(_ log: WriteAheadLog, signer: HeadSigner, range: CompactRange) {
        self.log = log
        self.signer = signer
        self.range = range
        (current, reserve) = log.state.withLock { ($0.current, $0.reserve) }
        tree = TreeHash(log.tools.hashing)
        log.configuration.follower?.begin(at: range)
    }

    func run() {
        while true {
            switch take() {
            case .batch(let entries): commit(entries)
            case .nothing: log.wakeup.wait()
            case .closed: return
            }
        }
    }

    /// Commits the queued records on the caller's thread.
    func drain() {
        while case .batch(let entries) = take() { commit(entries) }
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

    private func commit(_ entries: [PendingRecord]) {
        let before = range
        for entry in entries { range.append(entry.leaf.hash, tree) }
        let root = range.root(tree)
        let head = Checkpoint(origin: log.configuration.origin, size: range.size, root: root)
        let checkpoint = signer.sign(head)
        let pool = entries.first?.pool ?? .segments
        // A crash after this point leaves the whole frame or a torn one; its records were not acknowledged.
        let size = write(
            entries, checkpoint, from: before.size, to: pool == .segments ? current : reserve)
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
        let hashes = entries.map(\.leaf.hash)
        let committed = CommittedFrame(
            before: before, leafHashes: hashes, checkpoint: checkpoint)
        log.configuration.follower?.extend(by: hashes, checkpoint: checkpoint)
        log.configuration.answering { answer(entries, committed, from: before.size) }
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
    /// - Parameter first: the index of its first record.
    /// - Returns: the number of bytes that it takes in the segment.
    private func write(
        _ entries: [PendingRecord], _ checkpoint: [UInt8], from first: UInt64,
        to place: SegmentPosition
    ) -> Int {
        let records = Frame.Section(
            count: entries.count, bytes: entries.reduce(0) { $0 + $1.recordBytes })
        let blobs = Frame.Section(
            count: entries.reduce(0) { $0 + $1.blobs.count },
            bytes: entries.reduce(0) { $0 + $1.blobBytes })
        let size = Frame.paddedSize(
            recordBytes: records.bytes, blobBytes: blobs.bytes, checkpointBytes: checkpoint.count)
        let frame = Frame.encode(
            use: place.use, first: first, records: records, blobs: blobs, checkpoint: checkpoint,
            trailing: place.endMark(behind: size), checksum: CRC32C.fastest
        ) { bytes in
            for entry in entries { EntryBundle.append(entry.leaf.bytes, to: &bytes) }
            for entry in entries {
                for blob in entry.blobs { BlobPack.append(blob, to: &bytes) }
            }
        }
        write(frame, to: place)
        return size
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
