import InterlockGateway
import InterlockJSON
import InterlockLedger
import InterlockModel

/// What the callers, the sequencer and the housekeeper share, under one lock.
struct LogState: Sendable {
    // The queue. Callers append, the sequencer takes.
    var queue: [Entry] = []
    /// The frame that is being made durable.
    var inFlight: [Entry] = []
    /// Whether the sequencer waits for a signal.
    var sleeping = false
    /// No more records; the sequencer ends when the queue is empty.
    var closing = false

    // The account of room, and the segment that comes next.
    var room = Room()
    var spare: Segment?

    // The calls. `open` is keyed by the intent's leaf hash.
    var open: [Digest: OpenIntent] = [:]
    var unknown: Set<Digest> = []

    // What is durable.
    var size: UInt64 = 0
    var root: Digest
    /// Signed; of `size`.
    var checkpoint: [UInt8] = []

    /// Why nothing is permitted apart from a full disk.
    var refusing: String?
    /// A witness remembers another history: nothing is permitted but a change of whom to believe.
    var isForked = false
    /// Records since the last beat, ticks not counted.
    var recordsInBeat = 0

    static let maximumQueued = 16_384

    init(root: Digest) { self.root = root }

    /// Puts a record into the queue, or says why not.
    /// INVARIANT: called with the lock of the run's chain held, so that queue order is chain order.
    mutating func admit(
        _ leaf: Leaf, _ draft: RecordDraft, _ role: RecordRole, blobs: [StoredBlob],
        waiter: Waiter?, now: BootTime
    ) throws(LedgerRefusal) {
        if closing { throw LedgerRefusal(code: "audit.unavailable", detail: "the log is closed") }
        if let refusing, role.isPermit {
            throw LedgerRefusal(code: refusing, detail: "the log takes no permits now")
        }
        if isForked, role.isPermit, draft.type != .configChanged {
            throw LedgerRefusal(
                code: "audit.fork", detail: "a witness remembers another history of this log")
        }
        guard queue.count < Self.maximumQueued else {
            throw LedgerRefusal(code: "audit.busy", detail: "\(queue.count) records are queued")
        }
        try checkOpen(role)
        let credit = Room.credit(leafBytes: leaf.count, blobs: blobs)
        let pool: Room.Pool
        do {
            pool = try room.admit(role, credit: credit)
        } catch {
            throw LedgerRefusal(error)
        }
        let opened = role == .intent ? OpenIntent(draft, hash: leaf.hash) : nil
        follow(role, draft, opened)
        queue.append(
            Entry(
                leaf: leaf, blobs: blobs, credit: credit, pool: pool, waiter: waiter,
                opened: opened, queued: now))
    }

    private func checkOpen(_ role: RecordRole) throws(LedgerRefusal) {
        switch role {
        case .closer(let intent):
            guard open[intent] != nil else {
                throw LedgerRefusal(
                    code: "audit.bad_record", detail: "the intent `\(intent.base64)` is not open")
            }
        case .lateOutcome(let intent):
            guard unknown.contains(intent) else {
                throw LedgerRefusal(
                    code: "audit.bad_record",
                    detail: "the intent `\(intent.base64)` was not closed as unknown")
            }
        case .intent, .permit, .use, .fact: break
        }
    }

    private mutating func follow(_ role: RecordRole, _ draft: RecordDraft, _ opened: OpenIntent?) {
        switch role {
        case .intent:
            if let opened { open[opened.hash] = opened }
        case .closer(let intent):
            open[intent] = nil
            if draft.type == .callUnknown { unknown.insert(intent) }
        case .lateOutcome(let intent): unknown.remove(intent)
        case .use(let intent): open[intent]?.approvalUsed = true
        case .permit, .fact: break
        }
        room.openIntents = open.count
        if draft.type != .logTick { recordsInBeat += 1 }
    }
}

extension LedgerRefusal {
    init(_ refused: Room.Refused) {
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
        default: self.init(code: "audit.bad_record", detail: error.description)
        }
    }
}
