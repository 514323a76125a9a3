import InterlockModel
import InterlockMonitoring

/// The signals of severity high of each agent in the last hour. Two that are independent stop the agent.
///
/// All learned series count as one: each counts the same calls, so that more calls than usual raise those of calls and of
/// bytes in the same minute (docs/decisions/0052-when-signals-stop-an-agent.md).
struct GraveSignals {
    private struct Entry {
        let basis: RaisedSignal.Basis
        let at: BootTime
    }

    /// The time in which two signals count together.
    static let window = Duration.seconds(3_600)

    private var recent: [AgentName: [Entry]] = [:]

    /// Adds a signal of severity high.
    ///
    /// - Returns: the names of the two signals if this one is the second; both are then forgotten.
    mutating func add(_ signal: RaisedSignal) -> [String]? {
        let now = signal.at.boot
        var own = (recent[signal.agent] ?? []).filter {
            now - $0.at < Self.window && $0.basis.name != signal.basis.name
        }
        if let other = own.last(where: { $0.basis.source != signal.basis.source }) {
            recent[signal.agent] = nil
            return [other.basis.name, signal.basis.name]
        }
        own.append(Entry(basis: signal.basis, at: now))
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

    /// The deterministic signal; nil for all learned series. Signals of one source are not independent.
    fileprivate var source: WatchedSignal? {
        switch self {
        case .deterministic(let signal): signal
        case .learned: nil
        }
    }
}
