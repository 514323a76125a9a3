import InterlockAdministration
import InterlockApprovals
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import Synchronization

@testable import InterlockGatewayBench

/// Rows about people and the authorized keys, as bytes in memory. Writing can fail in two ways: nothing is stored, or
/// it is stored and still reported as failed.
final class MemoryPeopleStore: PeopleStore, AuthorizedKeysStore {
    private struct State {
        var rows: [String: (PeopleRow.Kind, String, [UInt8])] = [:]
        var entries: [ControlDraft] = []
        var trust: [UInt8]?
        var fault: Bool?
        /// The number of further writes that succeed; unlimited if nil.
        var left: Int?
    }
    private let state = Mutex(State())

    /// Simulates a crash of the process after so many writes.
    func stop(after writes: Int) { state.withLock { $0.left = writes } }
    func fail(kept: Bool = false) { state.withLock { $0.fault = kept } }
    func mend() {
        state.withLock {
            $0.fault = nil
            $0.left = nil
        }
    }
    /// Everything on disk, as text.
    var text: String {
        state.withLock { state in
            state.rows.values.map { String(decoding: $0.2, as: UTF8.self) }.joined()
                + String(decoding: state.trust ?? [], as: UTF8.self)
        }
    }
    /// The entries of the control log that were stored with rows.
    var entries: [ControlDraft] { state.withLock { $0.entries } }
    func trustFile() throws -> AuthorizedKeys? {
        try state.withLock { $0.trust }.map { try AuthorizedKeys(parsing: $0) }
    }

    func peopleRows() async throws(StoreFailure) -> [PeopleRow] {
        state.withLock { state in
            state.rows.values.map {
                PeopleRow($0.0, $0.1, try? JSONValue(parsing: $0.2, limits: .upstream))
            }
        }
    }

    func keep(
        people rows: [PeopleRow], appending drafts: [ControlDraft]
    ) async throws(StoreFailure) {
        try write { state in
            state.entries += drafts
            for row in rows {
                state.rows["\(row.kind) \(row.id)"] = row.body.map {
                    (row.kind, row.id, $0.serialized())
                }
            }
        }
    }

    func keep(_ trust: AuthorizedKeys) async throws(StoreFailure) {
        try write { $0.trust = trust.json.serialized() }
    }

    private func write(_ change: (inout State) -> Void) throws(StoreFailure) {
        let isDone = state.withLock { state -> Bool in
            if let left = state.left {
                guard left > 0 else { return false }
                state.left = left - 1
            }
            if state.fault ?? true { change(&state) }
            return state.fault == nil
        }
        if !isDone { throw StoreFailure(reason: "disk") }
    }
}
