import InterlockModel
import InterlockMonitoring

/// The signals of severity high of each agent in the last hour. Two that are independent, of different kinds or series,
/// stop the agent.
struct GraveSignals {
    private struct Entry {
        let name: String
        let at: BootTime
    }

    /// The time in which two signals count together.
    static let window = Duration.seconds(3_600)

    private var recent: [AgentName: [Entry]] = [:]

    /// Adds a signal of severity high.
    ///
    /// - Returns: the names of the two signals if this one is the second; both are then forgotten.
    mutating func add(_ signal: RaisedSignal) -> [String]? {
        let (name, now) = (signal.basis.name, signal.at.boot)
        var own = (recent[signal.agent] ?? []).filter { now - $0.at < Self.window && $0.name != name }
        if let other = own.last {
            recent[signal.agent] = nil
            return [other.name, name]
        }
        own.append(Entry(name: name, at: now))
        recent[signal.agent] = own
        return nil
    }
}

extension RaisedSignal.Basis {
    /// The kind of a deterministic signal, or the series of a learned one.
    fileprivate var name: String {
        switch self {
        case .deterministic(let signal): signal.rawValue
        case .learned(let series, _): series.rawValue
        }
    }
}
