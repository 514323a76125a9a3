import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import Synchronization

/// Approval requests as bytes in memory, with the compare-and-set of the real store. Each step can fail in two ways:
/// nothing is stored, or it is stored and still reported as failed.
final class MemoryApprovalStore: ApprovalStore {
    enum Step: Hashable, Sendable {
        case open, insert, consume
        /// The state that is written.
        case replace(String)
    }
    struct Row: Sendable {
        var state: String
        var revision: Int
        var body: [UInt8]
    }
    private struct State {
        var rows: [ApprovalID: Row] = [:]
        var nonces: Set<String> = []
        var faults: [Step: Bool] = [:]
    }
    private let state = Mutex(State())

    static let finals: Set<String> = ["denied", "expired", "withdrawn", "void", "used"]

    func fail(_ step: Step, kept: Bool = false) { state.withLock { $0.faults[step] = kept } }
    func mend() { state.withLock { $0.faults = [:] } }
    subscript(id: ApprovalID) -> Row? { state.withLock { $0.rows[id] } }
    var count: Int { state.withLock { $0.rows.count } }

    /// Overwrites the stored form, as a person with access to the file could.
    func tamper(_ id: ApprovalID, _ change: (JSONValue) -> JSONValue) throws {
        try state.withLock { state in
            guard let row = state.rows[id] else { return }
            let body = try JSONValue(parsing: row.body, limits: .upstream)
            state.rows[id]?.body = change(body).serialized()
        }
    }

    func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows {
        let (rows, isBroken) = state.withLock { ($0.rows, $0.faults[.open] != nil) }
        if isBroken { throw StoreFailure(reason: "disk") }
        func bodies(_ isWanted: (ApprovalID, String) -> Bool) -> [JSONValue] {
            rows.filter { isWanted($0.key, $0.value.state) }.sorted { $0.key.text < $1.key.text }
                .compactMap { try? JSONValue(parsing: $0.value.body, limits: .upstream) }
        }
        return ApprovalRows(
            open: bodies { !Self.finals.contains($1) },
            refused: bodies { $1 == "denied" || $1 == "expired" })
    }

    func endedRows(most: Int) async throws(StoreFailure) -> (bodies: [JSONValue], unreadable: Int) {
        let rows = state.withLock { $0.rows }
        let bodies = rows.filter { Self.finals.contains($0.value.state) }
            .sorted { $0.key.text > $1.key.text }.prefix(most)
            .compactMap { try? JSONValue(parsing: $0.value.body, limits: .upstream) }
        return (bodies, 0)
    }

    func insert(
        id: ApprovalID, state text: String, revision: Int, body: JSONValue
    ) async throws(StoreFailure) {
        _ = try step(.insert) { state in
            state.rows[id] = Row(state: text, revision: revision, body: body.serialized())
            return true
        }
    }

    func replace(
        id: ApprovalID, revision: Int, state old: String, with new: String, newRevision: Int,
        body: JSONValue
    ) async throws(StoreFailure) -> Bool {
        try step(.replace(new)) { state in
            guard let row = state.rows[id], row.revision == revision, row.state == old else {
                return false
            }
            state.rows[id] = Row(state: new, revision: newRevision, body: body.serialized())
            return true
        }
    }

    func consume(nonce: String, expires: Timestamp) async throws(StoreFailure) -> Bool {
        try step(.consume) { $0.nonces.insert(nonce).inserted }
    }

    private func step(
        _ step: Step, _ change: (inout State) -> Bool
    ) throws(StoreFailure) -> Bool {
        let (done, isBroken) = state.withLock { state -> (Bool, Bool) in
            guard let kept = state.faults[step] else { return (change(&state), false) }
            if kept { _ = change(&state) }
            return (false, true)
        }
        if isBroken { throw StoreFailure(reason: "disk") }
        return done
    }
}

/// Orders in memory; writing can fail. `found` simulates the files of the order folder.
final class MemoryOrderStore: OrderStore {
    private struct State {
        var found: [FoundOrderFile] = []
        var aside: [String] = []
        var kept: [OrderID] = []
        var isBroken = false
    }
    private let state = Mutex(State())

    var kept: [OrderID] { state.withLock { $0.kept } }
    var isBroken: Bool {
        get { state.withLock { $0.isBroken } }
        set { state.withLock { $0.isBroken = newValue } }
    }

    var found: [FoundOrderFile] {
        get { state.withLock { $0.found } }
        set { state.withLock { $0.found = newValue } }
    }
    var aside: [String] { state.withLock { $0.aside } }
    func look(isKnown: (Digest) -> Bool) -> [FoundOrderFile] { found }
    func setAside(_ file: String) { state.withLock { $0.aside.append(file) } }
    func ownHalt(_ reason: String, _ target: HaltTarget) throws(StoreFailure) -> Envelope {
        do { return try People.all.ownHalt(reason, target) } catch {
            throw StoreFailure(reason: "\(error)")
        }
    }

    func keep(_ order: Envelope, id: OrderID, epoch: Epoch) throws(StoreFailure) {
        let isBroken = state.withLock { state in
            if !state.isBroken { state.kept.append(id) }
            return state.isBroken
        }
        if isBroken { throw StoreFailure(reason: "disk") }
    }
}
