import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import Synchronization

/// Elevations as bytes in memory, with the compare-and-set of the real store. Writing can fail in two ways: nothing is
/// stored, or it is stored and still reported as failed.
final class MemoryElevationStore: ElevationStore {
    struct Row: Sendable {
        var state: String
        var revision: Int
        var body: [UInt8]
    }
    private struct State {
        var rows: [ElevationID: Row] = [:]
        var entries: [ControlDraft] = []
        var fault: Bool?
    }
    private let state = Mutex(State())

    func fail(kept: Bool = false) { state.withLock { $0.fault = kept } }
    func mend() { state.withLock { $0.fault = nil } }
    /// The entries of the control log that were stored with rows.
    var entries: [ControlDraft] { state.withLock { $0.entries } }
    subscript(id: ElevationID) -> Row? { state.withLock { $0.rows[id] } }

    /// Overwrites the stored form, as a person with access to the file could.
    func tamper(_ id: ElevationID, _ change: (JSONValue) -> JSONValue) throws {
        try state.withLock { state in
            guard let row = state.rows[id] else { return }
            let body = try JSONValue(parsing: row.body, limits: .upstream)
            state.rows[id]?.body = change(body).serialized()
        }
    }

    func openElevations() async throws(StoreFailure) -> [JSONValue] {
        state.withLock { state in
            state.rows.values.filter { !["denied", "ended"].contains($0.state) }.compactMap {
                try? JSONValue(parsing: $0.body, limits: .upstream)
            }
        }
    }

    func holds(elevation id: ElevationID) async throws(StoreFailure) -> Bool {
        state.withLock { $0.rows[id] != nil }
    }

    func put(
        elevation id: ElevationID, state text: String, revision: Int, replacing before: Int?,
        body: JSONValue, appending entry: ControlDraft?
    ) async throws(StoreFailure) -> Bool {
        try write { state in
            guard state.rows[id]?.revision == before else { return false }
            state.entries += [entry].compactMap { $0 }
            state.rows[id] = Row(state: text, revision: revision, body: body.serialized())
            return true
        }
    }

    private func write(_ change: (inout State) -> Bool) throws(StoreFailure) -> Bool {
        let result = state.withLock { state -> Bool? in
            guard let isKept = state.fault else { return change(&state) }
            if isKept { _ = change(&state) }
            return nil
        }
        guard let result else { throw StoreFailure(reason: "disk") }
        return result
    }
}

/// Accepted sign-offs, in memory.
final class MemorySignOffStore: SignOffStore {
    private struct State {
        var accepted: JSONValue?
        var lock: JSONValue?
        var isBroken = false
    }
    private let state = Mutex(State())

    var accepted: JSONValue? { state.withLock { $0.accepted } }
    var lock: JSONValue? { state.withLock { $0.lock } }
    func fail() { state.withLock { $0.isBroken = true } }
    func mend() { state.withLock { $0.isBroken = false } }

    func acceptedRevision() async throws(StoreFailure) -> JSONValue? {
        try step { $0.accepted }
    }

    func acceptedLock() async throws(StoreFailure) -> JSONValue? { try step { $0.lock } }

    func accept(lock: JSONValue) async throws(StoreFailure) { try step { $0.lock = lock } }

    func accept(revision: JSONValue) async throws(StoreFailure) {
        try step { $0.accepted = revision }
    }

    private func step<T>(_ body: (inout State) -> T) throws(StoreFailure) -> T {
        let result = state.withLock { state -> T? in state.isBroken ? nil : body(&state) }
        guard let result else { throw StoreFailure(reason: "disk") }
        return result
    }
}

/// An archive of policies in memory, by digest.
final class MemoryArchive: PolicyHistoryStore {
    private struct State {
        var kept: [Digest] = []
        var isBroken = false
    }
    private let state = Mutex(State())

    var kept: [Digest] { state.withLock { $0.kept } }
    func fail() { state.withLock { $0.isBroken = true } }

    func keep(canonical: [UInt8], bundle: [UInt8]) throws(StoreFailure) -> Bool {
        let digest = OpenSSLHashing().sha256(canonical)
        let wasKept = state.withLock { state -> Bool? in
            guard !state.isBroken else { return nil }
            defer { state.kept.append(digest) }
            return state.kept.contains(digest)
        }
        guard let wasKept else { throw StoreFailure(reason: "no room") }
        return wasKept
    }
}
