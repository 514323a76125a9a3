import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts

/// The state that callers, sequencer, housekeeper and publisher share, under one lock.
struct LogState: Sendable {
    // The queue. Callers append, the sequencer takes.
    var queue: [PendingRecord] = []
    /// The records of the frame that is being made durable.
    var inFlight: [PendingRecord] = []
    /// True once no more records are accepted; the sequencer ends when the queue is empty.
    var closing = false

    // The account of room, and the segments. The sequencer moves from `current` to `spare`, the housekeeper takes
    // published segments out of `full`.
    var room = SegmentSpace()
    var current: SegmentPosition
    var reserve: SegmentPosition
    var spare: SegmentPosition?
    /// Full segments, oldest first.
    var full: [FullSegment] = []
    /// The size of the tree after the last frame of the reserve.
    var reserveEnd: UInt64 = 0

    /// The open calls after everything queued is written.
    var calls = OpenCalls()

    /// Entries below this index were pruned.
    var minimum: UInt64 = 0
    /// True once `log.closed` was queued, which ends the epoch.
    var epochEnded = false

    // The durable log.
    var size: UInt64 = 0
    var root: Digest
    /// The signed note of `size`.
    var checkpoint: [UInt8] = []
    /// Durable records that the publisher has not taken yet.
    var recent: [DurableRecord] = []

    /// The size of the published checkpoint, as far as this process knows.
    var published: UInt64 = 0
    /// The last time when the published checkpoint covered all records.
    var publishedAt: BootTime?
    /// Free bytes on the disk, or nil if they cannot be read.
    var freeBytes: Int?
    /// Is nil before the first look at the clocks.
    var clock: ClockStepDetector?

    /// The code with which permits are refused, or nil. A full disk and a fork are kept separately.
    var refusing: String?
    /// True if a witness holds another history: no permit except `config.changed` is accepted.
    var isForked = false
    /// True while the log's key is with a signer that does not sign: no permit is accepted.
    var isUnsigned = false
    /// The number of records since the last beat, without ticks.
    var recordsInBeat = 0

    static let maximumQueued = 16_384

    init(root: Digest, current: SegmentPosition, reserve: SegmentPosition) {
        self.root = root
        self.current = current
        self.reserve = reserve
        room.current = current.left
        room.reserve = reserve.left
    }

    /// The segments with frames that the publisher may not have read.
    var places: [SegmentPosition] { full.map(\.place) + [current, reserve] }

    var reserveIsUsed: Bool { room.reserve < reserve.segment.capacity }

    /// The number of numbered segments.
    var segmentCount: Int { full.count + 1 + (spare == nil ? 0 : 1) }

    mutating func setSpare(_ place: SegmentPosition) {
        spare = place
        room.spare = place.left
    }

    /// Makes the oldest segment the next one if a published checkpoint covers it.
    /// - Returns: true if there is a next segment.
    mutating func takeSpare() -> Bool {
        if spare != nil { return true }
        guard let oldest = full.first, oldest.end <= published else { return false }
        full.removeFirst()
        setSpare(oldest.place.again)
        return true
    }

    /// Removes and returns covered segments above the usual number, which were created while the publisher lagged.
    mutating func takeSurplus() -> [SegmentPosition] {
        var surplus: [SegmentPosition] = []
        while segmentCount > Segment.usualCount, let oldest = full.first, oldest.end <= published {
            surplus.append(oldest.place)
            full.removeFirst()
        }
        return surplus
    }

    /// Queues a record, or throws the reason for the refusal.
    /// INVARIANT: called with the lock of the run's chain held, so that queue order is chain order.
    mutating func admit(
        _ leaf: Leaf, _ draft: RecordDraft, _ role: RecordRole, blobs: [StoredBlob],
        waiter: DurabilityWaiter?, now: ClockReading
    ) throws(LedgerRefusal) {
        if closing || epochEnded {
            throw LedgerRefusal(code: "audit.unavailable", detail: "the log is closed")
        }
        if let refusing, role.isPermit {
            throw LedgerRefusal(code: refusing, detail: "the log takes no permits now")
        }
        if isUnsigned, role.isPermit {
            throw LedgerRefusal(
                code: "audit.unavailable", detail: "the log's signer does not sign")
        }
        if isForked, role.isPermit, draft.type != .configChanged {
            throw LedgerRefusal(
                code: "audit.fork", detail: "a witness remembers another history of this log")
        }
        guard queue.count < Self.maximumQueued else {
            throw LedgerRefusal(code: "audit.busy", detail: "\(queue.count) records are queued")
        }
        try checkOpen(role)
        try checkEnd(draft)
        let credit = SegmentSpace.credit(leafBytes: leaf.count, blobs: blobs)
        let pool: SegmentSpace.Pool
        do {
            pool = try room.admit(role, credit: credit, canWait: RefusalSummary.covers(draft))
        } catch {
            throw LedgerRefusal(error)
        }
        let move = HeadMove(
            leaf: leaf.hash, run: draft.run?.run, agent: draft.run?.agent, at: now.wall,
            effect: RecordEffect(draft, role, hash: leaf.hash))
        calls.apply(move.effect, at: move.at)
        if move.effect == .closesLog { epochEnded = true }
        room.openIntents = calls.open.count
        if draft.type != .logTick { recordsInBeat += 1 }
        queue.append(
            PendingRecord(
                leaf: leaf, blobs: blobs, credit: credit, pool: pool, waiter: waiter, move: move,
                queued: now.boot))
    }

    /// Refuses the end of a run while one of its calls is open.
    private func checkEnd(_ draft: RecordDraft) throws(LedgerRefusal) {
        guard draft.type == .runEnd, let run = draft.run?.run,
            calls.open.values.contains(where: { $0.run?.run == run })
        else { return }
        throw LedgerRefusal(code: "audit.busy", detail: "a call of the run `\(run.text)` is open")
    }

    private func checkOpen(_ role: RecordRole) throws(LedgerRefusal) {
        switch role {
        case .closer(let intent):
            guard calls.open[intent] != nil else {
                throw LedgerRefusal(
                    code: "audit.bad_record", detail: "the intent `\(intent.base64)` is not open")
            }
        case .lateOutcome(let intent):
            guard calls.unknown.contains(intent) else {
                throw LedgerRefusal(
                    code: "audit.bad_record",
                    detail: "the intent `\(intent.base64)` was not closed as unknown")
            }
        case .check(let intent):
            guard calls.unknown.contains(intent) else {
                throw LedgerRefusal(
                    code: "audit.bad_record",
                    detail: "the outcome of the intent `\(intent.base64)` is not unknown")
            }
            guard !calls.settled.contains(intent) else {
                throw LedgerRefusal(
                    code: "audit.bad_record",
                    detail: "the intent `\(intent.base64)` has a final finding")
            }
        case .intent, .permit, .use, .fact: break
        }
    }
}

/// The facts about a durable record that the publisher needs.
struct DurableRecord: Sendable {
    /// The change to the heads.
    let move: HeadMove
    /// The number of its blobs in its frame.
    let blobCount: Int
}

extension LedgerRefusal {
    init(_ refused: SegmentSpace.Refused) {
        switch refused {
        case .busy(let detail): self.init(code: "audit.busy", detail: detail)
        case .full: self.init(code: "audit.full", detail: "the disk of the log is full")
        case .tooLargeForReserve:
            self.init(code: "audit.payload", detail: "the payload has no room on the full disk")
        }
    }

    init(_ error: LeafError) {
        switch error {
        case .tooLarge: self.init(code: "audit.too_large", detail: error.description)
        case .notKept: self.init(code: "audit.payload", detail: error.description)
        default: self.init(code: "audit.bad_record", detail: error.description)
        }
    }
}
