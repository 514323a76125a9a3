package import InterlockCommandLine
import InterlockCredentials
package import InterlockLedger
package import InterlockModel
package import InterlockStore

/// Reads the records below a signed checkpoint, and checks that they are those that it was signed for.
package struct CheckpointScan {
    private let log: AuditLog
    private let size: UInt64
    private let root: Digest
    /// The tree of the records that are not read: those that were pruned, whose hashes remain, or those that the caller
    /// has read before. The rest is checked as a whole log is.
    private let before: CompactRange

    /// Reads what was not pruned.
    ///
    /// - Throws: exit 66 if there is no log.
    package init(_ log: AuditLog, size: UInt64, root: Digest) throws {
        self.log = log
        self.size = size
        self.root = root
        before = try reading { try log.reader.pruned() }
    }

    /// Reads up to the newest checkpoint.
    package init(_ proved: ProvedLog) throws {
        try self.init(proved.log, size: proved.size, root: proved.checkpoint.root)
    }

    /// Reads up to the newest checkpoint what follows the first records of the log.
    package init(_ proved: ProvedLog, behind before: CompactRange) {
        log = proved.log
        size = proved.size
        root = proved.checkpoint.root
        self.before = before
    }

    /// The first record that is read.
    package var first: UInt64 { before.size }

    /// Calls `body` with each record from `first` on, oldest first.
    ///
    /// - Parameters:
    ///   - progress: counts the records.
    ///   - isGoing: returns false to give up.
    /// - Returns: the tree of the checkpoint.
    /// - Throws: exit 65 if the records are not those of the checkpoint, a `CancellationError` if it gave up, and the error
    ///   of `body`.
    @discardableResult package func run(
        counting progress: Progress? = nil, while isGoing: () -> Bool = { true },
        _ body: (LedgerEntry) throws -> Void
    ) throws -> CompactRange {
        let tree = TreeHash(OpenSSLHashing())
        var range = before
        if first < size {
            try log.scan(from: first, counting: progress) { entry in
                guard entry.index < size else { return false }
                guard isGoing() else { throw CancellationError() }
                range.append(entry.leaf.hash, tree)
                try body(entry)
                return entry.index + 1 < size
            }
        }
        guard range.size == size, range.root(tree) == root else {
            throw Failure(.data, "the records are not those that the checkpoint was signed for")
        }
        return range
    }
}
