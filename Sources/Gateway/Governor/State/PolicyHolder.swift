package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
import Synchronization

/// The policy in force. It is swapped as a whole; each decision takes one reference and keeps it to its end, so that no
/// decision mixes two revisions.
package final class PolicyHolder: Sendable {
    private struct Active {
        var snapshot: PolicySnapshot
        var isFounding: Bool
        /// The owners' pseudonyms, by which halts name them; computed once per revision, because each costs a hash.
        var owners: [AgentName: Pseudonym]
        /// The people whose credentials were all revoked.
        var departed: Set<Pseudonym> = []
        /// The policy of the canaries while a drill runs.
        var drill: PolicySnapshot?

        mutating func addDrillOwners(_ pseudonyms: any Pseudonyms) {
            guard let drill else { return }
            owners.merge(PolicyHolder.owners(of: drill, pseudonyms)) { own, _ in own }
        }
    }
    private let active: Mutex<Active>
    private let pseudonyms: any Pseudonyms

    package init(_ snapshot: PolicySnapshot, isFounding: Bool, pseudonyms: any Pseudonyms) {
        self.pseudonyms = pseudonyms
        active = Mutex(
            Active(
                snapshot: snapshot, isFounding: isFounding,
                owners: Self.owners(of: snapshot, pseudonyms)))
    }

    package var snapshot: PolicySnapshot { active.withLock { $0.snapshot } }

    /// Returns the policy that decides about an agent: that in force or, while a drill runs, its own about its canaries,
    /// which no other policy can name.
    package func snapshot(for agent: AgentName) -> PolicySnapshot {
        active.withLock { active in
            guard let drill = active.drill, agent.isCanary else { return active.snapshot }
            return drill
        }
    }

    /// True if no revision was ever signed off on this node; then no agent is above `supervised`.
    package var isFounding: Bool { active.withLock { $0.isFounding } }

    /// Returns nil if the agent is unknown or has no owner; every halt then matches it.
    package func owner(of agent: AgentName) -> Pseudonym? { active.withLock { $0.owners[agent] } }

    /// - Parameter effect: puts in force what belongs to the snapshot: it has returned before any caller sees the snapshot,
    ///   and none sees the earlier one afterwards. Must not block or call the holder.
    package func swap(
        to snapshot: PolicySnapshot, isFounding: Bool, with effect: @Sendable () -> Void = {}
    ) {
        let owners = Self.owners(of: snapshot, pseudonyms)
        active.withLock { active in
            active = Active(
                snapshot: snapshot, isFounding: isFounding, owners: owners,
                departed: active.departed, drill: active.drill)
            active.addDrillOwners(pseudonyms)
            effect()
        }
    }

    /// Sets the policy of the canaries of a drill that begins; nil once it has ended.
    package func setDrill(_ snapshot: PolicySnapshot?) {
        active.withLock { active in
            active.drill = snapshot
            active.addDrillOwners(pseudonyms)
        }
    }

    /// Sets the people whose credentials were all revoked. The agents that they own are held from now on (L121).
    package func hold(agentsOf departed: Set<Pseudonym>) {
        active.withLock { $0.departed = departed }
    }

    /// Returns the trust of an agent that has this stage.
    func trust(of agent: AgentName, _ stage: TrustStageAssignment) -> AgentTerms.Trust {
        active.withLock { active in
            let owner = active.departed.isEmpty ? nil : active.owners[agent]
            return .record(
                stage, isFounding: active.isFounding,
                hasOwnerLeft: owner.map(active.departed.contains) ?? false)
        }
    }

    private static func owners(
        of snapshot: PolicySnapshot, _ pseudonyms: any Pseudonyms
    ) -> [AgentName: Pseudonym] {
        snapshot.agents.compactMapValues { $0.owner.map(pseudonyms.pseudonym(of:)) }
    }
}
