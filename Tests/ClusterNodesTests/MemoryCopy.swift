import InterlockCluster
import Synchronization

/// A copy of the chain in memory.
final class MemoryCopy: ChainCopy {
    private let rows: Mutex<[StoredEntry]>
    /// The entry whose line cannot be read.
    private let damaged: Int64?

    init(_ rows: [StoredEntry], damaged: Int64? = nil) {
        self.rows = Mutex(rows)
        self.damaged = damaged
    }

    var incarnation: Incarnation? { nil }

    func begin(_ incarnation: Incarnation) async throws(ChainCopyFailure) {}

    /// Returns two entries at most.
    func entries(after number: Int64) async throws(ChainCopyFailure) -> [StoredEntry] {
        if number + 1 == damaged { throw .damaged(number + 1) }
        return rows.withLock { rows in
            Array(
                rows.filter { $0.number > number && $0.number < damaged ?? .max }.prefix(2))
        }
    }

    func append(_ entries: [StoredEntry]) async throws(ChainCopyFailure) {
        rows.withLock { $0 += entries }
    }
}
