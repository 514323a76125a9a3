import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import Synchronization

/// Quarantines of servers, in memory.
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
    /// Makes the next `remove` take effect although it reports a failure.
    func removeBeforeFailing() { state.withLock { $0.isRemovedAnyway = true } }
    /// Runs `body` during the next `remove`.
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

/// Records the servers that are tried again.
final class CountedTrial: UpstreamTrial {
    private let asked = Mutex<[ServerName]>([])
    var servers: [ServerName] { asked.withLock { $0 } }
    func tryAgain(_ server: ServerName) async { asked.withLock { $0.append(server) } }
}
