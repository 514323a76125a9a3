package import InterlockModel

/// A key or passkey of a person, as it was enrolled.
package struct EnrolledCredential: Sendable {
    package let person: TrustedPerson
    package let added: Timestamp
    private let founding: Bool
    private let expires: Timestamp?
    private let isRevoked: Bool

    /// The age from which a credential counts for an agent of tier high, as for votes there; a founding one counts at once.
    private static let age = Duration.seconds(24 * 3600)

    init(_ person: TrustedPerson, _ key: EnrolledKey) {
        self.person = person
        added = key.added
        founding = key.founding
        expires = key.expires
        isRevoked = key.isRevoked
    }

    init(_ person: TrustedPerson, _ passkey: EnrolledPasskey) {
        self.person = person
        added = passkey.added
        founding = passkey.founding
        expires = passkey.expires
        isRevoked = passkey.isRevoked
    }

    /// True for a credential that is not revoked, was valid at the date of a document and, at tier high, was not new then.
    package func counts(at date: Timestamp, tier: Tier) -> Bool {
        guard !isRevoked, expires.map({ date < $0 }) ?? true, added <= date else { return false }
        return tier != .high || founding || date >= added + Self.age
    }
}

extension AuthorizedKeys {
    /// Returns nil for a credential that no enrolled person holds.
    func holding(_ credential: CredentialName) -> EnrolledCredential? {
        switch credential {
        case .key(let key):
            guard let (person, enrolled) = holder(of: key) else { return nil }
            return EnrolledCredential(person, enrolled)
        case .passkey(let id):
            guard let passkey = passkey(id), let person = person(passkey.holder) else {
                return nil
            }
            return EnrolledCredential(person, passkey)
        }
    }

    /// Returns the people who hold the credentials, or nil if one does not count or two are of one person.
    package func people(
        signingBy credentials: [CredentialName], where counts: (EnrolledCredential) -> Bool
    ) -> [TrustedPerson]? {
        var people: [TrustedPerson] = []
        for credential in credentials {
            guard let held = holding(credential), counts(held),
                !people.contains(where: { $0.pseudonym == held.person.pseudonym })
            else { return nil }
            people.append(held.person)
        }
        return people
    }

    /// Returns the person, or nil unless the key is one of this person's that counts.
    func pseudonym(
        of person: Person, signingBy key: PublicKey, at date: Timestamp, tier: Tier
    ) -> Pseudonym? {
        guard let held = holding(.key(key)), held.counts(at: date, tier: tier),
            held.person.person == person
        else { return nil }
        return held.person.pseudonym
    }
}

extension Envelope {
    /// Returns the credentials that signed the envelope, in the order of the signatures. Returns none if one signature does
    /// not verify, so that a damaged envelope never counts in part. Neither the counter of a passkey, which is compared as its
    /// signature comes in, nor a later revocation is checked here.
    ///
    /// - Parameter passkeys: if nil, a signature by passkey does not verify.
    package func verifiedCredentials(
        _ verifier: any SignatureVerifier, passkeys: EnrolledPasskeyVerifier?
    ) -> [CredentialName] {
        let message = message
        var credentials: [CredentialName] = []
        for signature in signatures {
            switch signature {
            case .key(let key, let bytes):
                guard verifier.verifies(bytes, of: message, by: key.bytes) else { return [] }
            case .passkey(let assertion):
                guard let passkeys, let passkey = passkeys.passkey(assertion.credential) else {
                    return []
                }
                do throws(AssertionRefusal) {
                    _ = try passkeys.judge(assertion, over: message, by: passkey.whileItCounted)
                } catch { return [] }
            }
            credentials.append(signature.credential)
        }
        return credentials
    }
}
