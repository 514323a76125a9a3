package import InterlockAlerts
package import InterlockGovernor
package import InterlockModel
import InterlockMonitoring
import InterlockTrust

/// Demotes agents by the signals to which a ladder responds, and passes each one on: a canary or a value of the broker in
/// arguments, a cumulative sum of denials above its threshold, and an incident of severity 1 or 2 that people opened.
package struct StageLadder: SignalLadder {
    private let next: any SignalLadder
    private let registry: TrustStageRegistry

    package init(_ next: any SignalLadder, _ registry: TrustStageRegistry) {
        self.next = next
        self.registry = registry
    }

    package func take(_ signal: RaisedSignal) {
        if case .learned(.denials, isDiscovery: true) = signal.basis,
            signal.detectors.contains(.cusum)
        {
            registry.demote(
                signal.agent, by: .denials, cause: registry.cause("alert", signal.id.text))
        }
        next.take(signal)
    }

    package func take(_ sent: SentSecret) {
        registry.demote(sent.agent, by: sent.isCanary ? .canary : .brokeredValue)
        next.take(sent)
    }

    /// The gateway opens an incident for what has demoted the agent already.
    package func take(opened incident: Incident) {
        if let agent = incident.agent, let trigger = DemotionTrigger(incident) {
            registry.demote(
                agent, by: trigger, cause: registry.cause("incident", incident.id.text))
        }
        next.take(opened: incident)
    }
}

extension DemotionTrigger {
    /// Is nil for an incident that demotes no agent by itself.
    fileprivate init?(_ incident: Incident) {
        if case .gateway = incident.origin { return nil }
        switch incident.severity {
        case 1: self = .severeIncident
        case 2: self = .incident
        default: return nil
        }
    }
}

extension TrustStageRegistry {
    /// Demotes by the incidents that are open at a start, each of which counts once: an earlier process may have ended between
    /// the record of one and that of its demotion. They act on return, with the time of their opening. Called after `restore`
    /// of the demotions on record, and before the first call.
    package func restore(open incidents: [Incident]) {
        for incident in incidents.sorted(by: { $0.opened < $1.opened }) {
            guard let agent = incident.agent, let trigger = DemotionTrigger(incident) else {
                continue
            }
            demote(
                agent, by: trigger, cause: cause("incident", incident.id.text),
                missedAt: incident.opened)
        }
    }

    /// The digest of a cause that has a name.
    package func cause(_ kind: String, _ name: String) -> Digest {
        hashing.sha256(Array("interlock/demotion/1\0\(kind)\0\(name)".utf8))
    }
}
