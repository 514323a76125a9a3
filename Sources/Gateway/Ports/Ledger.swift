package import InterlockLedger
package import InterlockModel

// The door between the gateway and the audit log. The comment is the contract.

/// The audit log. Records of one run are chained in the order of the calls made here.
package protocol Ledger: Sendable {
    /// Returns when the record is durable on this node. Concurrent calls share one flush.
    ///
    /// A `call.intent` reserves room for the record that closes it, so closing a call that was let in
    /// always succeeds, also on a full disk. After an error nothing of the record will ever be
    /// durable. An I/O error of the flush itself ends the process instead of returning.
    func append(_ record: RecordDraft) async throws(LedgerRefusal) -> Receipt

    /// Hands over a record of something that has already taken effect (a denial, a kill). Never waits;
    /// when there is no room the record is counted and summarised later.
    func note(_ record: RecordDraft)

    /// Whether a record of this run is in the log already, also from before this process.
    func knows(run: RunID) -> Bool

    /// Whether the run's last record is in the log: it takes no record of the run any more, so nothing
    /// can be permitted in it. From memory.
    func hasEnded(run: RunID) -> Bool

    /// The runs that had not ended when the log was opened, and until when their tokens can act. They
    /// are handed over once.
    func takeOpenRuns() -> [RunID: RunExpiry]

    /// From memory; may be called on every request.
    var status: LedgerStatus { get }
}

/// Why a record could not be made durable: `code` is one of `audit.unavailable`, `audit.recovering`,
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
    /// Durable records.
    package var size: UInt64
    package var root: Digest
    package var openIntents: Int
    /// nil when permits are taken; else the code with which they are refused.
    package var refusing: String?
    /// Records that are queued or on their way to the disk.
    package var backlog = 0
    /// On its disk; nil while that does not say.
    package var freeBytes: Int?
    /// When what is published last covered all that was durable; nil before the first time.
    package var published: BootTime?
    /// Of records that somebody waited for.
    package var appendTimes: Histogram?
    package init(size: UInt64, root: Digest, openIntents: Int, refusing: String?) {
        self.size = size
        self.root = root
        self.openIntents = openIntents
        self.refusing = refusing
    }
}
