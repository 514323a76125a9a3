package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
import Synchronization

/// The one policy in force. Swapped whole; whoever decides takes one reference and keeps it to the end
/// of that decision, so no decision mixes two revisions.
package final class PolicyHolder: Sendable {
    private struct Active {
        var snapshot: PolicySnapshot
        var isFounding: Bool
        /// Halts name owners by pseudonym; making one costs a hash, so it is done once per revision.
        var owners: [AgentName: Pseudonym]
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

    /// Whether no revision was ever signed off here: then no agent is above `supervised`.
    package var isFounding: Bool { active.withLock { $0.isFounding } }

    /// nil when the agent is unknown or has no owner: then every halt matches it.
    package func owner(of agent: AgentName) -> Pseudonym? { active.withLock { $0.owners[agent] } }

    package func swap(to snapshot: PolicySnapshot, isFounding: Bool) {
        let owners = Self.owners(of: snapshot, pseudonyms)
        active.withLock {
            $0 = Active(snapshot: snapshot, isFounding: isFounding, owners: owners)
        }
    }

    private static func owners(
        of snapshot: PolicySnapshot, _ pseudonyms: any Pseudonyms
    ) -> [AgentName: Pseudonym] {
        snapshot.agents.compactMapValues { $0.owner.map(pseudonyms.pseudonym(of:)) }
    }
}
