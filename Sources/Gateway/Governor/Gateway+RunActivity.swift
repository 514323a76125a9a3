package import InterlockModel
import InterlockPorts

extension Gateway {
    /// Returns what is known of each of these runs now. Looks up processes: must not be called on an event loop.
    package func activity(of ids: [RunID]) -> [RunID: RunActivity] {
        let origins = runs.origins(of: ids)
        let peers = Set(
            origins.values.compactMap { origin -> ConnectionPeer? in
                if case .connection(let peer) = origin.client { peer } else { nil }
            })
        let processes = ports.processes.processes(of: peers)
        let calls = inFlight.all.reduce(into: [RunID: Int]()) {
            $0[$1.principal.run, default: 0] += 1
        }
        let waits = approvals.waiting
        let sessions = sessions.recordNames(of: Set(ids))
        return ids.reduce(into: [:]) { found, run in
            var activity = RunActivity()
            activity.purpose = origins[run]?.purpose
            switch origins[run]?.client {
            case .process(let pid):
                activity.host = "local"
                activity.pid = pid
            case .connection(let peer):
                activity.host = peer.host
                activity.pid = processes[peer]
            case .unknown, nil: break
            }
            activity.sessions = sessions[run] ?? []
            activity.calls = calls[run] ?? 0
            activity.waits = waits[run] ?? 0
            found[run] = activity
        }
    }
}
