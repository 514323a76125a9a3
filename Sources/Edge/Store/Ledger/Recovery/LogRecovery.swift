import InterlockLedger
import InterlockModel

/// Reads a log back and decides whether it can be continued (docs/specs/ledger.md, section 9). Changes nothing.
struct LogRecovery {
    private(set) var baseline: LogBaseline
    private(set) var range: CompactRange
    private(set) var checker: LogChecker
    /// The newest frame's checkpoint, a signed note; empty if no frame is newer than the published one.
    private(set) var checkpoint: [UInt8] = []
    /// The cursors, each at the end of its segment's frames.
    private(set) var cursors: [FrameCursor]
    private(set) var decision = RecoveryDecision.clean

    private let tree: TreeHash
    private let origin: String
    /// The keys whose signatures are accepted.
    private let keys: [VerifierKey]
    private let tools: LedgerTools
    /// A signed checkpoint that the log must extend, or nil.
    private let published: Checkpoint?
    private let guarded: Checkpoint?

    init(
        _ configuration: LedgerConfiguration, _ segments: [Segment], published: Checkpoint?,
        guarded: Checkpoint?, _ tools: LedgerTools
    ) throws {
        origin = configuration.origin
        keys = tools.keys(of: configuration.origin)
        self.tools = tools
        self.published = published
        self.guarded = guarded
        tree = TreeHash(tools.hashing)
        baseline = try LogBaseline(
            configuration, tools, keys: keys, published: published, guarded: guarded)
        range = baseline.tiles.range
        checker = baseline.checker
        cursors = segments.map { FrameCursor($0) }
        do {
            for place in cursors.indices { try passCovered(place) }
        } catch TileFault.missing(let path) {
            baseline.forget(missing: path, tree)
            range = CompactRange()
            checker = baseline.checker
            cursors = segments.map { FrameCursor($0) }
        } catch let fault as TileFault {
            throw LedgerFailure(fault)
        }
        try replay()
        try decide()
    }

    /// Skips the frames that a published checkpoint covers, and compares them with the tiles.
    private mutating func passCovered(_ place: Int) throws {
        let covered = baseline.tiles.size
        while case .frame(let frame) = try cursors[place].peek(), frame.header.first < covered {
            var index = frame.header.first
            for bytes in frame.records {
                let hash = tree.leaf(bytes)
                guard index < covered, try baseline.holds(hash, at: index) else {
                    throw LedgerFailure(
                        .damaged, "the frame of record \(index) is not what was published")
                }
                index += 1
            }
            cursors[place].advance()
        }
    }

    private mutating func replay() throws {
        var walk = FrameWalk(passed: cursors, from: range.size)
        while let next = try walk.next() {
            do {
                try take(next.frame)
            } catch let fault as RecordFault {
                throw LedgerFailure(
                    .damaged,
                    "record \(range.size) of `\(cursors[next.segment].segment.name)`: \(fault)")
            }
        }
        cursors = walk.cursors
    }

    private mutating func take(_ frame: Frame) throws {
        for bytes in frame.records {
            let leaf = Leaf(stored: bytes, hashing: tools.hashing)
            try checker.add(try StoredRecord(parsing: bytes), hash: leaf.hash)
            range.append(leaf.hash, tree)
            try compare(published, "the published checkpoint")
            try compare(guarded, "the guard")
        }
        for blob in frame.blobs where tools.hashing.sha256(blob.bytes.span) != blob.digest {
            throw LedgerFailure(.damaged, "a payload before record \(range.size) was changed")
        }
        try checkHead(frame)
        checkpoint = frame.checkpoint
    }

    /// Checks a frame's head. Records up to the published size are covered by the published signature and its root;
    /// above it each frame's own signature is checked.
    private func checkHead(_ frame: Frame) throws(LedgerFailure) {
        let expected = Checkpoint(origin: origin, size: range.size, root: range.root(tree))
        let head: Checkpoint?
        if range.size <= published?.size ?? 0 {
            head = try? Checkpoint(unverified: frame.checkpoint)
        } else {
            head = try? Checkpoint(signed: frame.checkpoint, keys: keys, verifier: tools.verifier)
        }
        guard head == expected else {
            throw LedgerFailure(
                .damaged, "the frame that ends at record \(range.size) does not match its signature"
            )
        }
    }

    private func compare(_ head: Checkpoint?, _ name: String) throws(LedgerFailure) {
        guard let head, head.size == range.size else { return }
        guard head.root == range.root(tree) else {
            throw LedgerFailure(.damaged, "the log does not extend \(name) of size \(head.size)")
        }
    }

    // MARK: The end

    private mutating func decide() throws {
        var walk = FrameWalk(passed: cursors, from: range.size)
        let unreached = try walk.unreached()
        var tails: [SegmentTail] = []
        if unreached == nil {
            for place in cursors.indices { tails.append(try tail(place)) }
        }
        decision = RecoveryDecision(tails: tails, unreached: unreached, size: range.size)
        if let published, published.size > range.size {
            let reason = baseline.missing.map { ", and `\($0)` is missing" } ?? ""
            throw LedgerFailure(
                .damaged,
                "the log ends at \(range.size), but \(published.size) records were published\(reason)"
            )
        }
        if let guarded, guarded.size > range.size {
            throw LedgerFailure(
                .rolledBack, "the log ends at \(range.size), but the guard has seen \(guarded.size)"
            )
        }
        // INVARIANT: a segment is reused only after another holds a newer frame.
        guard range.size == 0 || cursors.contains(where: { $0.end == range.size }) else {
            throw LedgerFailure(
                .damaged, "the frame before record \(range.size) is not in the write-ahead log")
        }
    }

    private mutating func tail(_ place: Int) throws -> SegmentTail {
        let (keys, verifier) = (tools.allKeys(of: origin), tools.verifier)
        let tail = try cursors[place].tail(covered: baseline.tiles.size) { frame in
            let head = try? Checkpoint(signed: frame.checkpoint, keys: keys, verifier: verifier)
            return head?.size == frame.header.end
        }
        guard case .bad(let offset, goodFrameAfter: false) = tail else { return tail }
        if isOverwritten(cursors[place]) {
            // The remaining frames are published. The next one is the first of another use.
            cursors[place] = FrameCursor(cursors[place].segment)
            return .bad(offset: 0, goodFrameAfter: false)
        }
        return try mayEnd(cursors[place]) ? tail : .misplaced(offset: offset)
    }

    /// Returns true if the first frame of a new use can have been torn here, so that some frames of the use before it
    /// remain at the beginning: in the oldest segment or the reserve, if their records are published.
    private func isOverwritten(_ cursor: FrameCursor) -> Bool {
        guard let first = cursor.first, cursor.end <= baseline.tiles.size,
            cursor.end < newestEnd, cursor.offset < Frame.maximumBytes
        else { return false }
        return isReserve(cursor) || numbered.allSatisfy { first <= $0.first ?? .max }
    }

    /// Returns true if a frame can have been torn here: after the newest frame of the segments or of the reserve, or at
    /// the beginning of a segment.
    private func mayEnd(_ cursor: FrameCursor) throws -> Bool {
        let isReserve = isReserve(cursor)
        guard isReserve || cursor.offset == 0 || cursor.end == newestEnd else { return false }
        guard let head = try cursor.header(), head.first != range.size else { return true }
        // The head may be that of the frame which was being overwritten, in the oldest segment.
        return cursor.offset == 0 && head.first < baseline.tiles.size
            && (isReserve || numbered.allSatisfy { head.first < $0.first ?? .max })
    }

    /// The size after the newest frame of the numbered segments.
    private var newestEnd: UInt64 { numbered.map(\.end).max() ?? 0 }

    private var numbered: [FrameCursor] { cursors.filter { !isReserve($0) } }

    private func isReserve(_ cursor: FrameCursor) -> Bool {
        cursor.segment.name == Segment.reserveName
    }
}
