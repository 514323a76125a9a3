package import InterlockModel
package import InterlockPorts
import Synchronization

/// The control log of one node: the table `control` of the store, so that an entry and the row that it is about are one
/// transaction.
///
/// INVARIANT: the control log has no gap and no fork, and an entry is in it exactly if the change that it records is in
/// the store. Kept by `ControlLogTests`, `test_control_log.py`.
extension SQLiteStore: ControlLog {
    @discardableResult
    package func append(
        _ drafts: [ControlDraft]
    ) async throws(StoreFailure) -> [ControlEntry] {
        guard !drafts.isEmpty else { return [] }
        let stamp = stamp
        let entries = try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                try database.append(drafts, stamp)
            }
        }
        followers.tell(entries.last?.number)
        return entries
    }

    package func entries(
        after number: Int64, most: Int
    ) async throws(StoreFailure) -> [StoredControlEntry] {
        try await perform { database throws(DatabaseError) in
            try database.entries(after: number, most: most)
        }
    }

    package func newest(
        of kinds: Set<ControlKind>
    ) async throws(StoreFailure) -> [ControlEntry] {
        let stamp = stamp
        return try await perform { database throws(DatabaseError) in
            try database.newest(of: kinds, stamp)
        }
    }

    package func heads() -> AsyncStream<Int64> { followers.heads() }
}

extension SQLiteStore: SignOffStore, QuarantineStore {}

/// The readers that follow the control log of this process.
final class ControlFollowers: Sendable {
    private struct State {
        var readers: [Int: AsyncStream<Int64>.Continuation] = [:]
        var number = 0
    }
    private let state = Mutex(State())

    func tell(_ head: Int64?) {
        guard let head else { return }
        for reader in state.withLock({ Array($0.readers.values) }) { reader.yield(head) }
    }

    /// The reader is removed when it drops the stream.
    func heads() -> AsyncStream<Int64> {
        let (stream, reader) = AsyncStream.makeStream(
            of: Int64.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.number += 1
            state.readers[state.number] = reader
            return state.number
        }
        reader.onTermination = { [weak self] _ in
            self?.state.withLock { $0.readers[number] = nil }
        }
        return stream
    }
}
