import InterlockGateway
import InterlockLedger
import InterlockModel
import Synchronization

/// Orders records, signs and flushes: the one writer of frames (specs of the ledger, section 8). Used
/// by one thread at a time: the opening one during recovery, its own afterwards.
@safe final class Sequencer: Sendable {
    private let log: WriteAheadLog
    private let tree: TreeHash
    private let keyID: UInt32
    @safe private nonisolated(unsafe) var range: CompactRange
    @safe private nonisolated(unsafe) var current: Place
    @safe private nonisolated(unsafe) var reserve: Place

    /// Where the next frame goes.
    struct Place: Sendable {
        var segment: Segment
        var offset: Int
    }

    static let maximumBatchBytes = 1 << 20

    init(
        _ log: WriteAheadLog, keyID: UInt32, range: CompactRange, current: Place, reserve: Place
    ) {
        self.log = log
        self.keyID = keyID
        self.range = range
        self.current = current
        self.reserve = reserve
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

    /// Commits what is queued, on the caller's thread.
    func drain() {
        while case .batch(let entries) = take() { commit(entries) }
    }

    private enum Taken {
        case batch([Entry])
        case nothing
        case closed
    }

    /// At most 4,096 records and 1 MiB, all for the same file. Does not wait for more: the flush of
    /// the frame before was the time to gather.
    private func take() -> Taken {
        log.state.withLock { state in
            guard let first = state.queue.first else {
                state.sleeping = !state.closing
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

    /// INVARIANT: the account of room lets nothing in that would need a spare segment which is not
    /// there.
    private func roll(_ state: inout LogState) {
        guard let next = state.spare else { preconditionFailure("a record without room") }
        current = Place(segment: next, offset: 0)
        state.spare = nil
        state.room.current = next.capacity
        state.room.spare = 0
    }

    private static func frameBytes(_ bytes: Int) -> Int {
        Frame.paddedSize(recordBytes: bytes, blobBytes: 0, checkpointBytes: Room.checkpointBytes)
    }

    private func commit(_ entries: [Entry]) {
        let before = range
        var records: [UInt8] = []
        var blobs: [UInt8] = []
        var blobCount = 0
        for entry in entries {
            EntryBundle.append(entry.leaf.bytes, to: &records)
            for blob in entry.blobs { BlobPack.append(blob, to: &blobs) }
            blobCount += entry.blobs.count
            range.append(entry.leaf.hash, tree)
        }
        let root = range.root(tree)
        let head = Checkpoint(origin: log.configuration.origin, size: range.size, root: root)
        let checkpoint = head.signed(id: keyID, by: log.tools.signer)
        let frame = Frame.encode(
            use: Segment.firstUse, first: before.size, recordCount: entries.count, records: records,
            blobCount: blobCount, blobs: blobs, checkpoint: checkpoint,
            checksum: CRC32C.fastest)
        let pool = entries.first?.pool ?? .segments
        // A crash from here on leaves the whole frame or a torn one, of which nobody was told.
        write(frame, pool)
        let credits = entries.reduce(0) { $0 + $1.credit }
        log.state.withLock { state in
            state.size = range.size
            state.root = root
            state.checkpoint = checkpoint
            state.inFlight = []
            switch pool {
            case .segments:
                state.room.current -= frame.count
                state.room.owed -= credits
            case .reserve:
                state.room.reserve -= frame.count
                state.room.reserveOwed -= credits
            }
        }
        // Durable: only now may anybody know.
        let committed = CommittedFrame(
            before: before, leafHashes: entries.map(\.leaf.hash), checkpoint: checkpoint)
        log.configuration.follower?.extend(
            by: entries.map(\.leaf.hash), checkpoint: checkpoint)
        for (place, entry) in entries.enumerated() {
            let receipt = Receipt(
                index: before.size + UInt64(place), leafHash: entry.leaf.hash, frame: committed)
            let heard = entry.waiter?.answer(.success(receipt)) ?? true
            // Whoever waited for this intent was told that it failed, so its call is never sent.
            if !heard, let opened = entry.opened {
                try? log.enqueue(opened.denied(code: "audit.timeout"), waiter: nil)
            }
        }
    }

    private func write(_ frame: [UInt8], _ pool: Room.Pool) {
        let place = pool == .segments ? current : reserve
        let disk = log.configuration.disk
        let written = disk.write(place.segment.file.number, frame, place.offset)
        // The segment was preallocated: any error means that the disk breaks its promise.
        let failed = written != 0 ? written : disk.flush(place.segment.file.number)
        if failed != 0 {
            let call = written != 0 ? "write" : "fdatasync"
            log.configuration.onFatal(
                SystemError(call, place.segment.file.path, code: failed).description)
        }
        switch pool {
        case .segments: current.offset += frame.count
        case .reserve: reserve.offset += frame.count
        }
    }

    /// Exchanges the reserve; the caller holds the lock and has seen that no record for the old one is
    /// queued or in flight.
    func replaceReserve(with segment: Segment) {
        reserve = Place(segment: segment, offset: 0)
    }
}
