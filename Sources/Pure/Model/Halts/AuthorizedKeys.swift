/// The content of `state/kill/trust.json`: the people who may halt and resume, and their keys. It is a copy of what the
/// log records, kept on each node so that orders can be verified while the store is down.
///
/// ```json
/// {"v":1,"type":"trust","org":"acme",
///  "people":[{"person":"li@acme.example","pseudonym":"qAtvNSliVAlAcLHGLhmnpA==","roles":["kill","resume"],
///    "keys":[{"key":"<base64 of 32 bytes>","added":"2026-11-20T10:00:00Z","founding":true}]}],
///  "nodes":[{"node":"gw1","key":"<base64 of 32 bytes>"}],
///  "passkeys":[{"id":"<base64url>","holder":"qAtvNSliVAlAcLHGLhmnpA==","alg":-7,"key":"<base64url of COSE>",
///    "rp":"interlock.example","added":"2026-11-20T10:00:00Z","founding":true}]}
/// ```
/// A key may also have `expires` and `revoked` (times); `passkeys` is omitted if it is empty. People, keys and passkeys
/// are revoked, never removed: the orders that they signed must stay verifiable. The store keeps the counters of
/// passkeys.
package struct AuthorizedKeys: Hashable, Sendable {
    package let org: String
    package let people: [TrustedPerson]
    package let nodes: [TrustedNode]
    /// The passkeys of these people, without their counters, sorted by id.
    package let passkeys: [EnrolledPasskey]
    private let owners: [PublicKey: Int]
    private let places: [Pseudonym: Int]

    /// - Throws: `badMember` if a person, a pseudonym, a key or a passkey is duplicated, if a passkey belongs to no
    ///   listed person, or if fewer than two people hold the role `resume` in an organisation of more than one person.
    package init(
        org: String, people: [TrustedPerson], nodes: [TrustedNode],
        passkeys: [EnrolledPasskey] = []
    ) throws(FormError) {
        guard (1...128).contains(org.utf8.count) else { throw .badMember("org", "a name") }
        guard (1...TrustLimits.people).contains(people.count) else {
            throw .badMember("people", "a list of 1 to \(TrustLimits.people)")
        }
        var owners: [PublicKey: Int] = [:]
        var places: [Pseudonym: Int] = [:]
        for (place, person) in people.enumerated() {
            guard places.updateValue(place, forKey: person.pseudonym) == nil else {
                throw .badMember("people", "distinct pseudonyms")
            }
            for key in person.keys where owners.updateValue(place, forKey: key.key) != nil {
                throw .badMember("keys", "in the hands of one person each")
            }
        }
        guard Set(people.map(\.person)).count == people.count else {
            throw .badMember("people", "distinct people")
        }
        guard people.count == 1 || people.count(where: { $0.roles.contains(.resume) }) >= 2 else {
            throw .badMember("people", "a list in which two people hold the role `resume`")
        }
        for node in nodes where owners[node.key] != nil {
            throw .badMember("nodes", "with keys that are no person's")
        }
        guard Set(passkeys.map(\.id)).count == passkeys.count,
            passkeys.allSatisfy({ places[$0.holder] != nil })
        else { throw .badMember("passkeys", "distinct, each of one of the people") }
        self.org = org
        self.people = people
        self.nodes = nodes
        self.passkeys = passkeys.map(\.withoutCounter).sorted { $0.id.text < $1.id.text }
        self.owners = owners
        self.places = places
    }

    /// Returns the placeholder for a file that cannot be read. It lists no people, so no person's order is accepted.
    package static func nobody(org: String) -> AuthorizedKeys { AuthorizedKeys(org: org) }

    private init(org: String) {
        self.org = org
        people = []
        nodes = []
        passkeys = []
        owners = [:]
        places = [:]
    }

    /// The number of people who must sign a release: two, or one in an organisation of one person.
    package var releaseQuorum: Int { people.count == 1 ? 1 : 2 }

    package func holder(of key: PublicKey) -> (person: TrustedPerson, key: EnrolledKey)? {
        guard let place = owners[key],
            let enrolled = people[place].keys.first(where: { $0.key == key })
        else { return nil }
        return (people[place], enrolled)
    }

    /// Returns the passkey of this id, which may be revoked.
    package func passkey(_ id: PasskeyID) -> EnrolledPasskey? {
        let text = id.text
        var (low, high) = (0, passkeys.count)
        while low < high {
            let middle = (low + high) / 2
            if passkeys[middle].id.text < text { low = middle + 1 } else { high = middle }
        }
        guard low < passkeys.count, passkeys[low].id == id else { return nil }
        return passkeys[low]
    }

    package func person(_ pseudonym: Pseudonym) -> TrustedPerson? {
        places[pseudonym].map { people[$0] }
    }

    package func person(_ person: Person) -> TrustedPerson? { people.first { $0.person == person } }

    /// Returns true for a person who had credentials, all of which are revoked. One who never had any has not left.
    package func hasLeft(_ person: Person) -> Bool {
        guard let known = self.person(person) else { return false }
        let own = passkeys.filter { $0.holder == known.pseudonym }
        return !(known.keys.isEmpty && own.isEmpty) && known.keys.allSatisfy(\.isRevoked)
            && own.allSatisfy(\.isRevoked)
    }
}

package enum TrustLimits {
    package static let people = 10_000
    package static let keysOfOne = 16
    package static let nodes = 1000
    package static let passkeys = 20_000
    package static let bytes = 48 << 20
}

/// The permissions of a person beyond voting.
package enum Role: String, Sendable, CaseIterable {
    case kill, resume, security
    case breakGlass = "break_glass"
}

package struct TrustedPerson: Hashable, Sendable {
    package let person: Person
    package let pseudonym: Pseudonym
    package let roles: Set<Role>
    package let keys: [EnrolledKey]

    package init(person: Person, pseudonym: Pseudonym, roles: Set<Role>, keys: [EnrolledKey]) {
        self.person = person
        self.pseudonym = pseudonym
        self.roles = roles
        self.keys = keys
    }
}

package struct EnrolledKey: Hashable, Sendable {
    package let key: PublicKey
    package let added: Timestamp
    /// True if the key was named at `interlock init`; it then needs no waiting period before it votes at tier high.
    package let founding: Bool
    package let expires: Timestamp?
    package let revoked: Timestamp?

    package init(
        key: PublicKey, added: Timestamp, founding: Bool, expires: Timestamp? = nil,
        revoked: Timestamp? = nil
    ) {
        self.key = key
        self.added = added
        self.founding = founding
        self.expires = expires
        self.revoked = revoked
    }

    package func isExpired(at now: Timestamp) -> Bool { expires.map { now >= $0 } ?? false }
    /// True if the key is revoked. A revocation takes effect when it is written, whatever time it names.
    package var isRevoked: Bool { revoked != nil }
}

package struct TrustedNode: Hashable, Sendable {
    package let name: String
    package let key: PublicKey
    package init(name: String, key: PublicKey) {
        self.name = name
        self.key = key
    }
}
