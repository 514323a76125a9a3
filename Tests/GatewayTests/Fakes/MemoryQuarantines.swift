import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import Synchronization

/// Orders to shut off servers, in memory.
final class MemoryQuarantines: QuarantineStore {
    private struct State {
        var kept: [ServerName: JSONValue] = [:]
        var isBroken = false
        var isRemovedAnyway = false
        var whileRemoving: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    var kept: [ServerName: JSONValue] { state.withLock { $0.kept } }
    func set(broken: Bool) { state.withLock { $0.isBroken = broken } }
    /// The next `remove` is kept, and says that it was not.
    func removeBeforeFailing() { state.withLock { $0.isRemovedAnyway = true } }
    /// Runs in the course of the next `remove`.
    func whileRemoving(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.whileRemoving = body }
    }

    func quarantines() async throws(StoreFailure) -> [(server: ServerName, body: JSONValue)] {
        kept.map { ($0.key, $0.value) }
    }
    func keep(quarantine server: ServerName, body: JSONValue) async throws(StoreFailure) {
        try step { $0.kept[server] = body }
    }
    func remove(quarantine server: ServerName) async throws(StoreFailure) {
        let body = state.withLock { state in
            defer { state.whileRemoving = nil }
            if state.isRemovedAnyway { state.kept[server] = nil }
            state.isRemovedAnyway = false
            return state.whileRemoving
        }
        body?()
        try step { $0.kept[server] = nil }
    }
    private func step(_ body: (inout State) -> Void) throws(StoreFailure) {
        let isDone = state.withLock { state in
            if !state.isBroken { body(&state) }
            return !state.isBroken
        }
        if !isDone { throw StoreFailure(reason: "disk") }
    }
}

/// Counts the servers that are asked again.
final class CountedTrial: UpstreamTrial {
    private let asked = Mutex<[ServerName]>([])
    var servers: [ServerName] { asked.withLock { $0 } }
    func tryAgain(_ server: ServerName) async { asked.withLock { $0.append(server) } }
}
