import InterlockLedger
import InterlockModel

/// Keeps the heads of the durable log, and now and then their file, `state/ledger/heads`.
struct PublishedHeads: Sendable {
    private var heads: LogHeads
    /// Records that the heads take in.
    private var size: UInt64
    private var changes = 0
    private let path: String
    private let keyID: UInt32
    private let tools: LedgerTools
    private let disk: DiskCalls

    /// The file is written once the heads changed by this part of what it holds: so it costs a bounded
    /// share of what the records cost, and a start reads at most as many records again.
    static let changedPart = 16

    init(
        _ heads: LogHeads, size: UInt64, _ configuration: LedgerConfiguration,
        _ tools: LedgerTools, keyID: UInt32
    ) {
        self.heads = heads
        self.size = size
        self.keyID = keyID
        self.tools = tools
        path = configuration.headsFile
        disk = configuration.disk
    }

    /// Takes in records that became durable; `size` is the log's after them.
    mutating func follow(_ moves: [HeadMove], to size: UInt64) {
        for move in moves { heads.apply(move) }
        changes += moves.count
        self.size = size
    }

    /// Writes the file if what is published is what the heads take in, and enough changed.
    mutating func write(published: UInt64, root: Digest, always: Bool) throws(SystemError) {
        let isDue = changes >= (heads.runs.count + heads.calls.open.count) / Self.changedPart
        guard published == size, changes > 0, isDue || always else { return }
        let file = SignedHeads(size: size, root: root, heads: heads)
            .signed(id: keyID, by: tools.signer, hashing: tools.hashing)
        try Folder.replace(path, with: file, disk)
        changes = 0
    }
}
