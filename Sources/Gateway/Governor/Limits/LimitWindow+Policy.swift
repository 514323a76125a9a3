import InterlockLimits
import InterlockModel
import InterlockPolicy

extension PolicySnapshot {
    /// Returns the windows in which an agent's calls are counted.
    func limitWindows(of agent: AgentName) -> Set<LimitWindow> {
        Set(limits(of: agent).map { LimitWindow(limit: $0.key, seconds: $0.seconds) })
    }
}
