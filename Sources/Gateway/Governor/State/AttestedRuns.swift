package import InterlockModel
package import InterlockPolicy
import Synchronization

/// The sandboxed runs whose calls count as sandboxed (docs/specs/sandbox.md, section 7, "Attestation").
///
/// The token of such a run is issued when the run begins and never enters the sandbox: its supervisor adds it to what
/// comes over the run's own listener. So a call with this token came from inside.
///
/// INVARIANT: a call counts as sandboxed only with the token of its run, while the run is under way, and only if the
/// layers that `run.start` has meet the policy in force. Kept by `SandboxAttestationTests`.
package final class AttestedRuns: Sendable {
    private struct Layers {
        let token: String
        let isolation: SandboxIsolation
        let hasLandlock: Bool
    }
    private let runs = Mutex<[RunID: Layers]>([:])
    /// The times at which the last runs of an agent with isolation `full` began.
    private struct Latest {
        var withLandlock: Timestamp?
        var any: Timestamp?
    }
    private let latest = Mutex<[AgentName: Latest]>([:])

    package init() {}

    /// - Parameter token: the id of the token of the run's supervisor.
    package func add(
        _ run: RunID, token: String, isolation: SandboxIsolation, hasLandlock: Bool
    ) {
        let layers = Layers(token: token, isolation: isolation, hasLandlock: hasLandlock)
        runs.withLock { $0[run] = layers }
    }

    /// Notes that a run of the agent with every layer of isolation `full` began at `time`.
    package func note(_ agent: AgentName, at time: Timestamp, hasLandlock: Bool) {
        latest.withLock { latest in
            var known = latest[agent] ?? Latest()
            known.any = max(known.any ?? time, time)
            if hasLandlock { known.withLandlock = max(known.withLandlock ?? time, time) }
            latest[agent] = known
        }
    }

    /// The time at which the last noted run of the agent began whose calls count as sandboxed under the policy; nil without
    /// one.
    package func last(of agent: AgentName, under policy: PolicySnapshot) -> Timestamp? {
        guard let settings = policy.agents[agent]?.sandboxSettings else { return nil }
        let known = latest.withLock { $0[agent] }
        return settings.toleratesMissingLandlock ? known?.any : known?.withLandlock
    }

    package func remove(_ run: RunID) { _ = runs.withLock { $0.removeValue(forKey: run) } }

    func has(_ run: RunID) -> Bool { runs.withLock { $0[run] != nil } }

    /// Returns whether the credential is that of the supervisor of a run that is under way.
    func isOfSupervisor(_ principal: Principal) -> Bool {
        runs.withLock { $0[principal.run] }?.token.utf8.elementsEqual(principal.credential.utf8)
            ?? false
    }

    func attests(_ principal: Principal, under policy: PolicySnapshot) -> Bool {
        guard isOfSupervisor(principal), let layers = runs.withLock({ $0[principal.run] }),
            let settings = policy.agents[principal.agent]?.sandboxSettings
        else { return false }
        return layers.isolation == .full
            && (layers.hasLandlock || settings.toleratesMissingLandlock)
    }
}
