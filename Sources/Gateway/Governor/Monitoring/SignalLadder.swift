package import InterlockAlerts
package import InterlockModel
package import InterlockMonitoring

/// Responds to signals automatically: throttle, forced approval, pause, kill. Notifications to people do not depend on
/// it.
///
/// INVARIANT: no detector can be switched off. Kept by `test_alerts.py`.
package protocol SignalLadder: Sendable {
    /// Called once for each raised signal, after its record was passed to the log. Must not block; may be called on the
    /// call path.
    func take(_ signal: RaisedSignal)
}

/// A signal about an agent.
package struct RaisedSignal: Sendable, Equatable {
    package enum Basis: Sendable, Equatable {
        case deterministic(WatchedSignal)
        case learned(MonitoredSeries, isDiscovery: Bool)
    }
    /// The id of its alert.
    package let id: AlertID
    package let agent: AgentName
    /// The run, or nil if the signal concerns no single run.
    package let run: RunID?
    package let basis: Basis
    package let severity: AlertSeverity
    package let at: ClockReading
}

/// An implementation without responses: alerts are delivered, and nothing else happens.
package struct NoLadder: SignalLadder {
    package init() {}
    package func take(_ signal: RaisedSignal) {}
}
