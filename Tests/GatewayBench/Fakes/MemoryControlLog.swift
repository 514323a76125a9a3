import InterlockCredentials
import InterlockModel
import InterlockPorts
import Synchronization

/// A control log in memory. Appending can fail in two ways: nothing is stored, or it is stored and still reported as
/// failed.
final class MemoryControlLog: ControlLog {
    private struct State {
        var entries: [ControlEntry] = []
        var fault: Bool?
    }
    private let state = Mutex(State())

    var all: [ControlEntry] { state.withLock { $0.entries } }
    /// The entries as `KIND SUBJECT`.
    var lines: [String] { all.map { "\($0.kind.rawValue) \($0.subject)" } }
    func fail(kept: Bool = false) { state.withLock { $0.fault = kept } }
    /// Drops the entries after this many.
    func cut(to count: Int) { state.withLock { $0.entries.removeLast($0.entries.count - count) } }
    func mend() { state.withLock { $0.fault = nil } }

    func append(_ drafts: [ControlDraft]) async throws(StoreFailure) -> [ControlEntry] {
        let entries = state.withLock { state -> [ControlEntry]? in
            if state.fault == false { return nil }
            let entries = drafts.compactMap { Self.append($0, to: &state) }
            return state.fault == nil ? entries : nil
        }
        guard let entries else { throw StoreFailure(reason: "disk") }
        return entries
    }

    private static func append(_ draft: ControlDraft, to state: inout State) -> ControlEntry? {
        if draft.kind.isOnce,
            let known = state.entries.first(where: {
                $0.kind == draft.kind && $0.subject == draft.subject
            })
        {
            return known
        }
        let head = state.entries.last.map { ControlHead(number: $0.number, digest: $0.digest) }
        guard
            let entry = try? ControlEntry(
                draft, after: head ?? .empty, node: "gw1", at: Timestamp(microseconds: 0),
                hashing: OpenSSLHashing())
        else { return nil }
        state.entries.append(entry)
        return entry
    }

    func entries(
        after number: Int64, most: Int
    ) async throws(StoreFailure) -> [StoredControlEntry] {
        all.dropFirst(Int(number)).prefix(most).map { entry in
            StoredControlEntry(
                number: entry.number, previous: entry.previous, digest: entry.digest,
                kind: entry.kind.rawValue, subject: entry.subject, body: entry.bodyBytes,
                node: entry.node, at: entry.at)
        }
    }

    func newest(of kinds: Set<ControlKind>) async throws(StoreFailure) -> [ControlEntry] {
        var newest: [String: ControlEntry] = [:]
        for entry in all where kinds.contains(entry.kind) { newest[entry.subject] = entry }
        return newest.values.sorted { $0.number < $1.number }
    }

    func heads() -> AsyncStream<Int64> { AsyncStream { $0.finish() } }
}
