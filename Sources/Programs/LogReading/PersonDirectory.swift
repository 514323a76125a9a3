import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
package import InterlockModel
package import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview

/// Resolves pseudonyms to the people that this deployment knows: those enrolled and those named in the current policy.
/// Empty for a foreign log.
package struct PersonDirectory {
    /// The current policy, or nil if it cannot be read.
    package let policy: PolicySnapshot?
    private let people: [String: Person]

    package init(_ log: AuditLog) {
        guard let deployment = log.deployment else {
            (policy, people) = (nil, [:])
            return
        }
        policy = try? RevisionSource(path: deployment.policy).served().1.snapshot
        var people: [String: Person] = [:]
        for person in (try? PersonSigner.trustFile(of: deployment))?.people ?? [] {
            people[person.pseudonym.text] = person.person
        }
        if let keys = try? NodeKeys.opened(deployment) {
            let pseudonyms = HMACPseudonyms(secret: keys.pseudonym)
            for person in Self.named(by: policy) {
                people[pseudonyms.pseudonym(of: person).text] = person
            }
        }
        self.people = people
    }

    package func person(_ pseudonym: String) -> Person? { people[pseudonym] }

    /// The person's address, or the pseudonym if the person is unknown.
    package func name(_ pseudonym: String) -> String { people[pseudonym]?.address ?? pseudonym }

    private static func named(by policy: PolicySnapshot?) -> Set<Person> {
        guard let policy else { return [] }
        return Set(policy.agents.values.compactMap(\.owner))
            .union(policy.groups.values.flatMap(\.members)).union(policy.owners)
            .union(policy.people ?? [])
    }
}
