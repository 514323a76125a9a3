import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// A record that is queued or being made durable.
final class PendingRecord: Sendable {
    let leaf: Leaf
    let blobs: [StoredBlob]
    let credit: Int
    let pool: SegmentSpace.Pool
    /// The caller that waits for the commit, or nil for a record without a waiter.
    let waiter: DurabilityWaiter?
    let move: HeadMove
    let queued: BootTime
    let recordBytes: Int
    let blobBytes: Int

    init(
        leaf: Leaf, blobs: [StoredBlob], credit: Int, pool: SegmentSpace.Pool,
        waiter: DurabilityWaiter?,
        move: HeadMove, queued: BootTime
    ) {
        self.leaf = leaf
        self.blobs = blobs
        self.credit = credit
        self.pool = pool
        self.waiter = waiter
        self.move = move
        self.queued = queued
        recordBytes = leaf.count + 2
        blobBytes = blobs.reduce(0) { $0 + $1.bytes.count + BlobPack.overhead }
    }
}

/// A caller that waits for a record. It is resumed once, by the commit or by the time limit.
@safe final class DurabilityWaiter: Sendable {
    private let continuation: UnsafeContinuation<Result<Receipt, LedgerRefusal>, Never>
    private let answered = Atomic(false)

    init(_ continuation: UnsafeContinuation<Result<Receipt, LedgerRefusal>, Never>) {
        unsafe self.continuation = unsafe continuation
    }

    /// - Returns: false if the waiter was resumed before.
    @discardableResult
    func answer(_ result: Result<Receipt, LedgerRefusal>) -> Bool {
        guard !answered.exchange(true, ordering: .acquiringAndReleasing) else { return false }
        unsafe continuation.resume(returning: result)
        return true
    }
}
