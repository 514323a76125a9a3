package import InterlockCommandLine
import InterlockCredentials
import InterlockLedger
package import InterlockModel
package import InterlockStore

/// Reads the records below a signed checkpoint, and checks that they are those that it was signed for.
package struct CheckpointScan {
    private let log: AuditLog
    private let size: UInt64
    private let root: Digest
    /// The tree of the pruned records. Their hashes remain, so the rest is checked as a whole log is.
    private let pruned: CompactRange

    /// - Throws: exit 66 if there is no log.
    package init(_ log: AuditLog, size: UInt64, root: Digest) throws {
        self.log = log
        self.size = size
        self.root = root
        pruned = try reading { try log.reader.pruned() }
    }

    /// Reads up to the newest checkpoint.
    package init(_ proved: ProvedLog) throws {
        try self.init(proved.log, size: proved.size, root: proved.checkpoint.root)
    }

    /// The first record that was not pruned.
    package var first: UInt64 { pruned.size }

    /// Calls `body` with each record that was not pruned, oldest first.
    ///
    /// - Parameters:
    ///   - progress: counts the records.
    ///   - isGoing: returns false to give up.
    /// - Throws: exit 65 if the records are not those of the checkpoint, a `CancellationError` if it gave up, and the error
    ///   of `body`.
    package func run(
        counting progress: Progress? = nil, while isGoing: () -> Bool = { true },
        _ body: (LedgerEntry) throws -> Void
    ) throws {
        let tree = TreeHash(OpenSSLHashing())
        var range = pruned
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
    }
}
