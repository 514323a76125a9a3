import InterlockLedger
import InterlockModel

/// Keeps the heads of the durable log, and now and then their file, `state/ledger/heads`.
struct PublishedHeads: Sendable {
    private var heads: LogHeads
    /// Records that the heads take in.
    private var size: UInt64
    private var changes = 0
    private let path: String
    private let signer: IdentifiedSigner
    private let hashing: any Hashing
    private let disk: DiskOperations

    /// The file is written once the heads changed by this part of what it holds: so it costs a bounded
    /// share of what the records cost, and a start reads at most as many records again.
    static let changedPart = 16

    init(
        _ heads: LogHeads, size: UInt64, _ configuration: LedgerConfiguration,
        _ tools: LedgerTools, signer: IdentifiedSigner
    ) {
        self.heads = heads
        self.size = size
        self.signer = signer
        hashing = tools.hashing
        path = configuration.headsFile
        disk = configuration.disk
    }

    /// Takes in records that became durable; `size` is the log's after them.
    mutating func follow(_ records: [DurableRecord], to size: UInt64) {
        for record in records { heads.apply(record.move) }
        changes += records.count
        self.size = size
    }

    /// Writes the file if what is published is what the heads take in, and enough changed.
    mutating func write(published: UInt64, root: Digest, always: Bool) throws(SystemError) {
        let isDue = changes >= (heads.runs.count + heads.calls.open.count) / Self.changedPart
        guard published == size, changes > 0, isDue || always else { return }
        let file = SignedHeads(size: size, root: root, heads: heads)
            .signed(id: signer.id, by: signer.signer, hashing: hashing)
        try Folder.replace(path, with: file, disk)
        changes = 0
    }
}
