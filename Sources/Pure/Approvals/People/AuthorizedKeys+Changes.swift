import InterlockModel

extension AuthorizedKeys {
    /// A copy in which this person replaces the one with the same pseudonym, or is appended.
    func with(_ person: TrustedPerson) throws(PeopleRefusal) -> AuthorizedKeys {
        var people = people
        if let place = people.firstIndex(where: { $0.pseudonym == person.pseudonym }) {
            people[place] = person
        } else {
            people.append(person)
        }
        do throws(FormError) {
            return try AuthorizedKeys(org: org, people: people, nodes: nodes, passkeys: passkeys)
        } catch { throw .unfit(error) }
    }

    /// A copy in which these passkeys replace those with the same id, or are added. Passkeys without an enrolled holder
    /// are ignored.
    func with(_ changed: some Sequence<EnrolledPasskey>) throws(PeopleRefusal) -> AuthorizedKeys {
        var passkeys = Dictionary(
            self.passkeys.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
        for passkey in changed where person(passkey.holder) != nil {
            passkeys[passkey.id] = passkey
        }
        do throws(FormError) {
            return try AuthorizedKeys(
                org: org, people: people, nodes: nodes, passkeys: Array(passkeys.values))
        } catch { throw .unfit(error) }
    }
}

extension EnrolledKey {
    /// A copy that is revoked; an earlier revocation time is kept.
    func revoked(at now: Timestamp) -> EnrolledKey {
        EnrolledKey(
            key: key, added: added, founding: founding, expires: expires, revoked: revoked ?? now)
    }
}

extension EnrolledPasskey {
    func revoked(at now: Timestamp) -> EnrolledPasskey {
        EnrolledPasskey(
            id: id, holder: holder, algorithm: algorithm, publicKey: publicKey,
            relyingParty: relyingParty, counter: counter, added: added, founding: founding,
            expires: expires, revoked: revoked ?? now)
    }

    func counted(_ counter: UInt32) -> EnrolledPasskey {
        EnrolledPasskey(
            id: id, holder: holder, algorithm: algorithm, publicKey: publicKey,
            relyingParty: relyingParty, counter: counter, added: added, founding: founding,
            expires: expires, revoked: revoked)
    }
}

extension NewCredential {
    /// Returns whether both are the same key or passkey, regardless of the counter.
    func isSame(as other: NewCredential) -> Bool {
        switch (self, other) {
        case (.key(let a), .key(let b)): a == b
        case (.passkey(let a, _, _, _, _), .passkey(let b, _, _, _, _)): a == b
        case (.key, .passkey), (.passkey, .key): false
        }
    }
}
