import InterlockLedger

/// The account of preallocated bytes: which records may be written, and to which pool. A record is admitted only if its
/// frame is certain to fit, so that nothing fails after its run's chain has advanced.
struct SegmentSpace: Sendable {
    /// Bytes left in the current segment.
    var current = 0
    /// The size of the empty next segment, or 0 without one.
    var spare = 0
    /// The credits of records that are queued for the segments.
    var owed = 0
    /// Bytes left in the reserve; `reserveOwed` is the credits queued for it.
    var reserve = 0
    var reserveOwed = 0
    var openIntents = 0
    /// True past the hard watermark: only facts and closing records are admitted.
    var isHard = false

    enum Pool: Sendable { case segments, reserve }

    enum Refused: Error, Equatable, Sendable {
        case busy(String)
        case full
        /// A closing record with more payload than its reserved room; its blobs must go to a pack first.
        case tooLargeForReserve
    }

    /// The bytes that an intent reserves for its closing record.
    static let closingBytes = 8 << 10
    static let maximumOpenIntents = 8192
    /// The payload bytes of one record that may be stored in its frame.
    static let maximumInlineBytes = 256 << 10
    /// The part of the reserve, above the rooms of open calls, that refusals leave to facts that cannot be counted in
    /// memory: halts, alerts, ends of runs, `log.full`.
    static let factBytes = 256 << 10
    /// The room for a checkpoint. One signed by two keys is smaller: the origin has at most 64 bytes.
    static let checkpointBytes = 512
    /// The end of a segment that may stay empty because the next frame does not fit.
    static let waste = Frame.paddedSize(
        recordBytes: Leaf.maximumBytes + 2, blobBytes: maximumInlineBytes + 16 * BlobPack.overhead,
        checkpointBytes: checkpointBytes)

    /// The bytes that a record takes if it is alone in its frame.
    static func credit(leafBytes: Int, blobs: [StoredBlob]) -> Int {
        Frame.paddedSize(
            recordBytes: leafBytes + 2,
            blobBytes: blobs.reduce(0) { $0 + $1.bytes.count + BlobPack.overhead },
            checkpointBytes: checkpointBytes)
    }

    /// Takes the credit, or throws the reason for the refusal. Does not count intents; see `openIntents`.
    ///
    /// - Parameter canWait: whether the record is a refusal, which can be counted in memory instead.
    mutating func admit(
        _ role: RecordRole, credit: Int, canWait: Bool = false
    ) throws(Refused) -> Pool {
        switch role {
        case .intent:
            guard !isHard else { throw .full }
            // INVARIANT: the reserve has room for the closing record of every open call.
            guard openIntents < Self.maximumOpenIntents, reserve - reserveOwed >= reservedAfter(1)
            else { throw .busy("\(openIntents) calls are open") }
        case .permit, .use, .lateOutcome, .check:
            guard !isHard else { throw .full }
        case .closer, .fact: break
        }
        if fitsSegments(credit) {
            owed += credit
            return .segments
        }
        switch role {
        case .closer:
            guard credit <= Self.closingBytes else { throw .tooLargeForReserve }
        case .fact:
            let kept = reservedAfter(0) + (canWait ? Self.factBytes : 0)
            guard reserve - reserveOwed - credit >= kept else { throw .full }
        case .intent, .permit, .use, .lateOutcome, .check:
            throw .busy("the next segment is not ready")
        }
        reserveOwed += credit
        return .reserve
    }

    private func reservedAfter(_ more: Int) -> Int { (openIntents + more) * Self.closingBytes }

    private func fitsSegments(_ credit: Int) -> Bool {
        owed + credit <= current || (spare > 0 && owed + credit + Self.waste <= current + spare)
    }
}
