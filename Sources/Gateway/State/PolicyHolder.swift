package import InterlockModel
package import InterlockPolicy
import Synchronization

/// The one policy in force. Swapped whole; whoever decides takes one reference and keeps it to the end
/// of that decision, so no decision mixes two revisions.
package final class PolicyHolder: Sendable {
    private struct Active {
        var snapshot: PolicySnapshot
        /// Halts name owners by pseudonym; making one costs a hash, so it is done once per revision.
        var owners: [AgentName: Pseudonym]
    }
    private let active: Mutex<Active>
    private let pseudonyms: any Pseudonyms

    package init(_ snapshot: PolicySnapshot, pseudonyms: any Pseudonyms) {
        self.pseudonyms = pseudonyms
        active = Mutex(Active(snapshot: snapshot, owners: Self.owners(of: snapshot, pseudonyms)))
    }

    package var snapshot: PolicySnapshot { active.withLock { $0.snapshot } }

    /// nil when the agent is unknown or has no owner: then every halt matches it.
    package func owner(of agent: AgentName) -> Pseudonym? { active.withLock { $0.owners[agent] } }

    package func swap(to snapshot: PolicySnapshot) {
        let owners = Self.owners(of: snapshot, pseudonyms)
        active.withLock { $0 = Active(snapshot: snapshot, owners: owners) }
    }

    private static func owners(
        of snapshot: PolicySnapshot, _ pseudonyms: any Pseudonyms
    ) -> [AgentName: Pseudonym] {
        snapshot.agents.compactMapValues { $0.owner.map(pseudonyms.pseudonym(of:)) }
    }
}
