import InterlockLedger
import InterlockModel

/// Maintains the heads of the durable log, and from time to time writes their file, `state/ledger/heads`.
struct PublishedHeads: Sendable {
    private var heads: LogHeads
    /// The number of records that the heads cover.
    private var size: UInt64
    private var changes = 0
    private let path: String
    private let signer: HeadSigner
    private let disk: DiskOperations

    /// The file is written once this fraction of its content (one part in `changedPart`) changed: its cost is then a
    /// bounded share of the cost of the records, and a start rereads at most as many records.
    static let changedPart = 16

    init(
        _ heads: LogHeads, size: UInt64, _ configuration: LedgerConfiguration,
        signer: HeadSigner
    ) {
        self.heads = heads
        self.size = size
        self.signer = signer
        path = configuration.headsFile
        disk = configuration.disk
    }

    /// Applies records that became durable; `size` is the log's size after them.
    mutating func follow(_ records: [DurableRecord], to size: UInt64) {
        for record in records { heads.apply(record.move) }
        changes += records.count
        self.size = size
    }

    /// Writes the file if the heads cover exactly the published size and enough changed.
    mutating func write(published: UInt64, root: Digest, always: Bool) throws(SystemError) {
        let content = heads.runs.count + heads.calls.open.count + heads.calls.unchecked.count
        let isDue = changes >= content / Self.changedPart
        guard published == size, changes > 0, isDue || always else { return }
        let file: [UInt8]
        do throws(LogSigningFailure) {
            file = try signer.sign(SignedHeads(size: size, root: root, heads: heads))
        } catch {
            // A start without the file reads more records; the next publication tries again.
            return
        }
        try Folder.replace(path, with: file, disk)
        changes = 0
    }
}
