package import InterlockAlerts
package import InterlockModel
package import InterlockMonitoring

/// Takes up what was noticed and does what its steps are: throttle, forced approval, pause, kill. What people are
/// told is told without it.
package protocol SignalLadder: Sendable {
    /// Called once for each signal that was raised, after its record was handed to the log. Must not block; it may
    /// be called on the call path.
    func take(_ signal: RaisedSignal)
}

/// What was noticed of an agent.
package struct RaisedSignal: Sendable, Equatable {
    package enum Basis: Sendable, Equatable {
        case deterministic(WatchedSignal)
        case learned(MonitoredSeries, isDiscovery: Bool)
    }
    /// Of its alarm.
    package let id: AlertID
    package let agent: AgentName
    /// nil where it is about no run in particular.
    package let run: RunID?
    package let basis: Basis
    package let severity: AlertSeverity
    package let at: ClockReading
}

/// Does nothing: alarms are told, and no step follows.
package struct NoLadder: SignalLadder {
    package init() {}
    package func take(_ signal: RaisedSignal) {}
}
