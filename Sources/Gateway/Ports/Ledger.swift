package import InterlockLedger
package import InterlockModel

// The port between the gateway and the audit log. The comments are the contract.

/// The audit log. Records of one run are chained in the order of the calls made here.
package protocol Ledger: Sendable {
    /// Returns when the record is durable on this node. Concurrent calls share one flush.
    ///
    /// A `call.intent` reserves space for the record that closes it, so closing an admitted call always succeeds, also
    /// on a full disk. After an error nothing of the record ever becomes durable. An I/O error of the flush itself ends
    /// the process instead of returning.
    func append(_ record: RecordDraft) async throws(LedgerRefusal) -> Receipt

    /// Queues a record of something that has already taken effect (a denial, a kill). Never waits; if the queue is full
    /// the record is counted and summarised later.
    ///
    /// - Returns: the record's leaf hash, by which it is found once it is durable; nil if it was not queued now.
    @discardableResult
    func note(_ record: RecordDraft) -> Digest?

    /// Returns whether the log holds a record of this run, also from before this process started.
    func knows(run: RunID) -> Bool

    /// Returns whether the run's last record is in the log: the log then accepts no further record of the run, so
    /// nothing can be permitted in it. Reads memory only.
    func hasEnded(run: RunID) -> Bool

    /// Returns the runs that had not ended when the log was opened, and how long their tokens can act. Only the first
    /// call returns them.
    func takeOpenRuns() -> [RunID: RunExpiry]

    /// The calls whose outcome is unknown and that no person has checked, by the leaf hash of their intent; at most
    /// `OpenCalls.mostUnchecked`. Reads memory only, and copies nothing.
    var uncheckedCalls: [Digest: UncheckedCall] { get }

    /// Read from memory; may be called on every request.
    var status: LedgerStatus { get }
}

/// The reason why a record could not be made durable: `code` is one of `audit.unavailable`, `audit.recovering`,
/// `audit.busy`, `audit.full`, `audit.timeout`, `audit.too_large`, `audit.bad_record`, `audit.payload`.
package struct LedgerRefusal: Error, Equatable, Sendable {
    package let code: String
    package let detail: String
    package init(code: String, detail: String) {
        self.code = code
        self.detail = detail
    }
    package static func == (a: LedgerRefusal, b: LedgerRefusal) -> Bool { a.code == b.code }
}

package struct LedgerStatus: Sendable {
    /// The number of durable records.
    package var size: UInt64
    package var root: Digest
    package var openIntents: Int
    /// The code with which permits are refused, or nil if they are accepted.
    package var refusing: String?
    /// The number of records that are queued or being written.
    package var backlog = 0
    /// The free bytes on the log's disk, or nil while they are unknown.
    package var freeBytes: Int?
    /// The steps of the wall clock that the log has noticed, or nil before the first look.
    package var clock: ClockStepDetector?
    /// The last time when the published part covered all durable records, or nil before the first time.
    package var published: BootTime?
    /// The append times of records that a caller waited for.
    package var appendTimes: Histogram?
    package init(size: UInt64, root: Digest, openIntents: Int, refusing: String?) {
        self.size = size
        self.root = root
        self.openIntents = openIntents
        self.refusing = refusing
    }
}
