import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import Synchronization

/// Probes in memory; each step can fail, with or without being stored.
final class MemoryProbes: ProbeStore {
    enum Step: Hashable { case keep, drop }
    private struct State {
        var rows: [ApprovalID: [UInt8]] = [:]
        var faults: [Step: Bool] = [:]
    }
    private let state = Mutex(State())

    var count: Int { state.withLock { $0.rows.count } }
    func fail(_ step: Step, kept: Bool) { state.withLock { $0.faults[step] = kept } }
    func mend() { state.withLock { $0.faults = [:] } }

    func probes() async throws(StoreFailure) -> [JSONValue] {
        state.withLock { $0.rows.values.map { $0 } }.compactMap {
            try? JSONValue(parsing: $0, limits: .upstream)
        }
    }

    func keep(probe id: ApprovalID, body: JSONValue) async throws(StoreFailure) {
        try step(.keep) { $0.rows[id] = body.serialized() }
    }

    func drop(probe id: ApprovalID) async throws(StoreFailure) {
        try step(.drop) { $0.rows[id] = nil }
    }

    private func step(_ step: Step, _ change: (inout State) -> Void) throws(StoreFailure) {
        let isBroken = state.withLock { state in
            guard let kept = state.faults[step] else {
                change(&state)
                return false
            }
            if kept { change(&state) }
            return true
        }
        if isBroken { throw StoreFailure(reason: "disk") }
    }
}
