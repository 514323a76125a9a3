import InterlockAlerts
import InterlockModel
import InterlockPorts
import Synchronization

/// Incidents in memory, by a store that may fail.
final class MemoryIncidents: IncidentStore {
    private struct State {
        var kept: [IncidentID: Incident] = [:]
        var isFailing = false
    }
    private let state = Mutex(State())

    func fail(_ isFailing: Bool) { state.withLock { $0.isFailing = isFailing } }

    var all: [Incident] {
        state.withLock { $0.kept.values.sorted { $1.id.text < $0.id.text } }
    }

    func keep(_ incident: Incident) async throws(StoreFailure) {
        let isKept = state.withLock { state -> Bool in
            guard !state.isFailing else { return false }
            state.kept[incident.id] = incident
            return true
        }
        guard isKept else { throw StoreFailure(reason: "the disk is full") }
    }

    func incidents(most: Int) async throws(StoreFailure) -> [Incident] { Array(all.prefix(most)) }

    func incident(_ id: IncidentID) async throws(StoreFailure) -> Incident? {
        state.withLock { $0.kept[id] }
    }

    func openIncidents() async throws(StoreFailure) -> [Incident] { all.filter(\.isOpen) }
}
