import InterlockLedger
import InterlockModel

/// Reads a log back and decides what it is worth (specs of the ledger, section 9). Changes nothing.
struct LogRecovery {
    private(set) var range = CompactRange()
    private(set) var checker = LogChecker()
    /// The newest frame's checkpoint, a signed note.
    private(set) var checkpoint: [UInt8] = []
    /// Where the next frame of each segment goes.
    private(set) var offsets: [Int] = []
    private(set) var decision = RecoveryDecision.clean

    private let tree: TreeHash
    private let key: VerifierKey
    private let tools: LedgerTools
    /// Signed heads that the log must extend; nil where there is none.
    private let published: Checkpoint?
    private let guarded: Checkpoint?

    init(
        _ segments: [Segment], key: VerifierKey, published: Checkpoint?, guarded: Checkpoint?,
        _ tools: LedgerTools
    ) throws(LedgerFailure) {
        self.key = key
        self.tools = tools
        self.published = published
        self.guarded = guarded
        tree = TreeHash(tools.hashing)
        do {
            try replay(segments)
        } catch let error as SystemError {
            throw LedgerFailure(error)
        } catch let error as LedgerFailure {
            throw error
        } catch {
            throw LedgerFailure(.damaged, "\(error)")
        }
    }

    private mutating func replay(_ segments: [Segment]) throws {
        var walk = FrameWalk(segments)
        while let next = try walk.next() {
            do {
                try take(next.frame)
            } catch let fault as RecordFault {
                throw LedgerFailure(
                    .damaged, "record \(range.size) of `\(segments[next.segment].name)`: \(fault)")
            }
        }
        let size = range.size
        let isGood: (Frame) -> Bool = { [key, tools] frame in
            let head = try? Checkpoint(
                signed: frame.checkpoint, key: key, verifier: tools.verifier)
            return frame.header.first > size && head?.size == frame.header.end
        }
        let unreached = try walk.unreached()
        var tails: [SegmentTail] = []
        for cursor in walk.cursors where unreached == nil {
            tails.append(try cursor.tail(isGood: isGood))
        }
        offsets = walk.cursors.map(\.offset)
        decision = RecoveryDecision(tails: tails, unreached: unreached, size: size)
        if let published, published.size > size {
            throw LedgerFailure(
                .damaged, "the log ends at \(size), but \(published.size) records were published")
        }
        if let guarded, guarded.size > size {
            throw LedgerFailure(
                .rolledBack, "the log ends at \(size), but the guard has seen \(guarded.size)")
        }
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

    /// What lies below a published head is vouched for by its signature and its root; above it each
    /// frame's own signature is checked.
    private func checkHead(_ frame: Frame) throws(LedgerFailure) {
        let expected = Checkpoint(origin: key.name, size: range.size, root: range.root(tree))
        let head: Checkpoint?
        if range.size <= published?.size ?? 0 {
            head = (try? SignedNote(parsing: frame.checkpoint)).flatMap {
                try? Checkpoint(text: $0.text)
            }
        } else {
            head = try? Checkpoint(signed: frame.checkpoint, key: key, verifier: tools.verifier)
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
}
