package import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Approval requests and nonces in memory, with the compare-and-set of the real store: those of a trial or a self-test, which
/// are forgotten with it.
package final class VolatileApprovals: ApprovalStore, NonceStore {
    private struct Row {
        var state: ApprovalRowState
        var revision: Int
        var version: Int
    }
    private struct State {
        var rows: [ApprovalID: Row] = [:]
        var nonces: Set<ExactText> = []
    }
    private let state = Mutex(State())

    package init() {}

    package func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows {
        ApprovalRows(open: [], refused: [])
    }

    package func endedRows(
        most: Int
    ) async throws(StoreFailure) -> (bodies: [JSONValue], unreadable: Int) {
        ([], 0)
    }

    package func version(of id: ApprovalID) async throws(StoreFailure) -> Int? {
        state.withLock { $0.rows[id]?.version }
    }

    package func write(
        _ change: ApprovalChange, to row: ApprovalRow, body: JSONValue
    ) async throws(StoreFailure) -> ApprovalWrite {
        state.withLock { state -> ApprovalWrite in
            let old = state.rows[row.id]
            let isPossible: Bool
            if let old {
                isPossible =
                    old.version == row.version && old.revision == row.revision
                    && change.origins.contains(old.state)
            } else {
                isPossible = change == .ask
            }
            guard isPossible, let next = change.result ?? old?.state else { return .superseded }
            state.rows[row.id] = Row(
                state: next, revision: row.revision + change.revisions, version: row.version + 1)
            return .done
        }
    }

    package func removeRequests(of erasure: Erasure) async throws(StoreFailure) {}

    package func consume(nonce: String, expires: Timestamp) async throws(StoreFailure) -> Bool {
        state.withLock { $0.nonces.insert(ExactText(nonce)).inserted }
    }
}
