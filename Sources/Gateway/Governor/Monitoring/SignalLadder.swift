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

    /// Called for each call, or answer to a server, that was denied because of a canary, or of a value of the broker that
    /// no text has by chance. Must not block; may be called on the call path.
    func take(_ sent: SentSecret)

    /// Called once for each incident, after its record is durable. Must not block.
    func take(opened incident: Incident)
}

extension SignalLadder {
    package func take(opened incident: Incident) {}
}

/// A canary, or a value of the broker, that an agent was about to send to a server.
package struct SentSecret: Sendable, Equatable {
    package let agent: AgentName
    package let run: RunID
    package let isCanary: Bool
    package let at: ClockReading

    package init(agent: AgentName, run: RunID, isCanary: Bool, at: ClockReading) {
        (self.agent, self.run, self.isCanary, self.at) = (agent, run, isCanary, at)
    }
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
    /// The detectors of a learned signal that exceeded their thresholds.
    package var detectors: [Detector] = []
}

/// An implementation without responses: alerts are delivered, and nothing else happens.
package struct NoLadder: SignalLadder {
    package init() {}
    package func take(_ signal: RaisedSignal) {}
    package func take(_ sent: SentSecret) {}
}
