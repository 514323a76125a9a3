package import InterlockGovernor
package import InterlockModel
import InterlockMonitoring
import InterlockTrust

/// Demotes agents by what the responses to signals are told, and passes it on: a canary or a value of the broker in
/// arguments, and the cumulative sum of denials above its threshold.
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
}

extension TrustStageRegistry {
    /// The digest of a cause that has a name.
    package func cause(_ kind: String, _ name: String) -> Digest {
        hashing.sha256(Array("interlock/demotion/1\0\(kind)\0\(name)".utf8))
    }
}
