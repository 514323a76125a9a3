import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// Approval requests as bytes in memory, with the compare-and-set of the real store. Each step can fail in two ways:
/// nothing is stored, or it is stored and still reported as failed.
final class MemoryApprovalStore: ApprovalStore, NonceStore {
    enum Step: Hashable, Sendable {
        case open, consume, remove
        case write(ApprovalChange)
    }
    struct Row: Sendable {
        var state: String
        var revision: Int
        var version: Int
        var body: [UInt8]
    }
    private struct State {
        var rows: [ApprovalID: Row] = [:]
        var nonces: Set<String> = []
        var faults: [Step: Bool] = [:]
        /// The entries of the next uses, as a store of a cluster has them; empty on one node.
        var entries: [ChainReference] = []
        var uses: [Digest: ApprovalUseEntry] = [:]
        var origins: [Digest: ExactText] = [:]
        /// The time that each write takes.
        var delay = Duration.zero

        mutating func enter(_ body: JSONValue, of id: ApprovalID) {
            guard !entries.isEmpty, let use = ApprovalUse(of: body) else { return }
            uses[use.intent] = ApprovalUseEntry(
                request: id, number: 1, use: use, entry: entries.removeFirst(), incarnation: 1,
                origins: origins)
        }
    }
    private let state = Mutex(State())

    private static let finals = Set(ApprovalRowState.allCases.filter(\.isFinal).map(\.rawValue))

    func fail(_ step: Step, kept: Bool = false) { state.withLock { $0.faults[step] = kept } }
    func mend() { state.withLock { $0.faults = [:] } }
    /// Gives each use from now on the next of these entries.
    ///
    /// - Parameter origins: the logs of votes of other nodes.
    func enter(uses entries: [ChainReference], origins: [Digest: ExactText] = [:]) {
        state.withLock { state in
            state.entries = entries
            state.origins = origins
        }
    }
    func slow(_ delay: Duration) { state.withLock { $0.delay = delay } }
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

    /// Another process changes the row.
    func overtake(_ id: ApprovalID) { state.withLock { $0.rows[id]?.version += 1 } }

    /// Puts the row back to an earlier one, as an old backup does.
    func restore(_ row: Row, of id: ApprovalID) { state.withLock { $0.rows[id] = row } }

    func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows {
        let (rows, isBroken) = state.withLock { ($0.rows, $0.faults[.open] != nil) }
        if isBroken { throw StoreFailure(reason: "disk") }
        func found(
            _ isWanted: (String) -> Bool
        ) -> [(version: Int, body: JSONValue)] {
            rows.filter { isWanted($0.value.state) }.sorted { $0.key.text < $1.key.text }
                .compactMap { _, row in
                    (try? JSONValue(parsing: row.body, limits: .upstream)).map { (row.version, $0) }
                }
        }
        return ApprovalRows(
            open: found { !Self.finals.contains($0) },
            refused: found { $0 == "denied" || $0 == "expired" }.map(\.body))
    }

    func endedRows(most: Int) async throws(StoreFailure) -> (bodies: [JSONValue], unreadable: Int) {
        let rows = state.withLock { $0.rows }
        let bodies = rows.filter { Self.finals.contains($0.value.state) }
            .sorted { $0.key.text > $1.key.text }.prefix(most)
            .compactMap { try? JSONValue(parsing: $0.value.body, limits: .upstream) }
        return (bodies, 0)
    }

    func version(of id: ApprovalID) async throws(StoreFailure) -> Int? {
        state.withLock { $0.rows[id]?.version }
    }

    func write(
        _ change: ApprovalChange, to row: ApprovalRow, body: JSONValue
    ) async throws(StoreFailure) -> ApprovalWrite {
        let delay = state.withLock(\.delay)
        if delay > .zero { try? await Task.sleep(for: delay) }
        let isDone = try step(.write(change)) { state in
            let old = state.rows[row.id]
            let new = Row(
                state: change.result?.rawValue ?? old?.state ?? "",
                revision: row.revision + change.revisions, version: row.version + 1,
                body: body.serialized())
            let isPossible =
                if let old {
                    old.version == row.version && old.revision == row.revision
                        && change.origins.contains { $0.rawValue == old.state }
                } else { change == .ask }
            if isPossible {
                state.rows[row.id] = new
                state.enter(body, of: row.id)
            }
            return isPossible || old.map { $0.isSame(as: new) } ?? false
        }
        return isDone ? .done : .superseded
    }

    func entry(ofUse intent: Digest) -> ApprovalUseEntry? {
        state.withLock { $0.uses.removeValue(forKey: intent) }
    }

    func removeRequests(of erasure: Erasure) async throws(StoreFailure) {
        _ = try step(.remove) { state in
            state.rows = state.rows.filter { _, row in
                let body = try? JSONValue(parsing: row.body, limits: .upstream)
                let run = body?["request"]?["review"]?["call"]?["run"]?.string
                return run.flatMap { RunID($0) }.map { !erasure.covers(.run($0)) } ?? true
            }
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

extension MemoryApprovalStore.Row {
    fileprivate func isSame(as other: Self) -> Bool {
        state == other.state && revision == other.revision && version == other.version
            && body == other.body
    }
}

/// Orders in memory; writing can fail. `found` simulates the files of the order folder.
final class MemoryOrderStore: OrderStore {
    private struct State {
        var found: [FoundOrderFile] = []
        var aside: [String] = []
        var kept: [OrderID] = []
        var isBroken = false
        var whileReleasing: (@Sendable (Envelope) -> Void)?
    }
    private let state = Mutex(State())

    /// Runs `body` while the next release is being written.
    func whileReleasing(_ body: @escaping @Sendable (Envelope) -> Void) {
        state.withLock { $0.whileReleasing = body }
    }

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
    func look(isKnown: (Digest) -> Bool) -> [FoundOrderFile] {
        found.filter { one in
            guard case .order(_, let envelope) = one else { return true }
            return !isKnown(OpenSSLHashing().sha256(envelope.payload))
        }
    }
    func setAside(_ file: String) { state.withLock { $0.aside.append(file) } }
    func ownHalt(_ reason: String, _ target: HaltTarget) throws(StoreFailure) -> Envelope {
        do { return try People.all.ownHalt(reason, target) } catch {
            throw StoreFailure(reason: "\(error)")
        }
    }

    func keep(_ order: Envelope, id: OrderID, epoch: Epoch) throws(StoreFailure) {
        if order.payloadType == .release {
            state.withLock { state in
                defer { state.whileReleasing = nil }
                return state.whileReleasing
            }?(order)
        }
        let isBroken = state.withLock { state in
            if !state.isBroken { state.kept.append(id) }
            return state.isBroken
        }
        if isBroken { throw StoreFailure(reason: "disk") }
    }
}
