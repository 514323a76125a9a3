import InterlockLedger

/// Who may still write, and where: the account of preallocated bytes. A record is let in only when its
/// frame is sure to fit, so that nothing fails after its run's chain has moved on.
struct SegmentSpace: Sendable {
    /// Bytes left in the segment that is being written.
    var current = 0
    /// Size of the empty segment that comes next; 0 while there is none.
    var spare = 0
    /// Credits of records that are queued for the segments.
    var owed = 0
    /// Bytes left in the reserve, and credits queued for it.
    var reserve = 0
    var reserveOwed = 0
    var openIntents = 0
    /// Past the hard mark: facts and closers only.
    var isHard = false

    enum Pool: Sendable { case segments, reserve }

    enum Refused: Error, Equatable, Sendable {
        case busy(String)
        case full
        /// A closer with more payload than its reserved room; its blobs must go to a pack first.
        case tooLargeForReserve
    }

    /// An intent reserves this for the record that closes it.
    static let closingBytes = 8 << 10
    static let maximumOpenIntents = 8192
    /// Payload bytes of one record that travel in its frame.
    static let maximumInlineBytes = 256 << 10
    /// A checkpoint signed by two keys is smaller: the origin has at most 64 bytes.
    static let checkpointBytes = 512
    /// The end of a segment that may stay empty because the next frame does not fit.
    static let waste = Frame.paddedSize(
        recordBytes: Leaf.maximumBytes + 2, blobBytes: maximumInlineBytes + 16 * BlobPack.overhead,
        checkpointBytes: checkpointBytes)

    /// What a record costs when it is alone in its frame.
    static func credit(leafBytes: Int, blobs: [StoredBlob]) -> Int {
        Frame.paddedSize(
            recordBytes: leafBytes + 2,
            blobBytes: blobs.reduce(0) { $0 + $1.bytes.count + BlobPack.overhead },
            checkpointBytes: checkpointBytes)
    }

    /// Takes the credit, or says why not. Does not count intents; see `openIntents`.
    mutating func admit(_ role: RecordRole, credit: Int) throws(Refused) -> Pool {
        switch role {
        case .intent:
            guard !isHard else { throw .full }
            // INVARIANT: the reserve has room for the end of every open call.
            guard openIntents < Self.maximumOpenIntents, reserve - reserveOwed >= reservedAfter(1)
            else { throw .busy("\(openIntents) calls are open") }
        case .permit, .use, .lateOutcome:
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
            guard reserve - reserveOwed - credit >= reservedAfter(0) else { throw .full }
        case .intent, .permit, .use, .lateOutcome:
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
