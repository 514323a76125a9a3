import InterlockKeys
import InterlockModel
import InterlockPolicy

/// Who stands behind a pseudonym, as far as this deployment knows: its enrolled people, and those whom
/// today's policy names. Of a foreign log it knows nobody.
struct PersonDirectory {
    /// The policy of today; nil when there is none to be read.
    let policy: PolicySnapshot?
    private let people: [String: Person]

    init(_ log: AuditLog) {
        guard let deployment = log.deployment else {
            (policy, people) = (nil, [:])
            return
        }
        policy = try? PolicyStart.read(deployment.policy).1.snapshot
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

    func person(_ pseudonym: String) -> Person? { people[pseudonym] }

    /// The person's address, else the pseudonym.
    func name(_ pseudonym: String) -> String { people[pseudonym]?.address ?? pseudonym }

    private static func named(by policy: PolicySnapshot?) -> Set<Person> {
        guard let policy else { return [] }
        return Set(policy.agents.values.compactMap(\.owner))
            .union(policy.groups.values.flatMap(\.members)).union(policy.owners)
            .union(policy.people ?? [])
    }
}
