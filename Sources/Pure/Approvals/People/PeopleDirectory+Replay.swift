package import InterlockJSON
package import InterlockModel

/// A record about people, as far as the directory can be restored from it.
package enum PeopleRecord: Hashable, Sendable {
    /// The digest of the credential, which is the key itself or the hash of a passkey's public key; the person's roles,
    /// if they change with it.
    case enrolled(Pseudonym, key: Digest, roles: Set<Role>?, at: Timestamp)
    /// One passkey by the hash of its id, or, if nil, all credentials of the person.
    case revoked(Pseudonym, credential: Digest?, at: Timestamp)
    case roles(Pseudonym, Set<Role>, at: Timestamp)
    /// The service token that this order issued.
    case tokenEnded(OrderID)
    /// The delegation that this order made.
    case delegationEnded(OrderID)

    /// The digest of an enrolled credential.
    var key: Digest? {
        if case .enrolled(_, let key, _, _) = self { key } else { nil }
    }

    /// - Returns: nil if the leaf has another type or lacks the type's fields.
    package init?(leaf: JSONValue) {
        if leaf["t"]?.string == "approval.delegation_ended" {
            // It may have ended by itself, so it names no person.
            guard let id = leaf["id"]?.string.flatMap({ OrderID($0) }) else { return nil }
            self = .delegationEnded(id)
            return
        }
        guard let holder = leaf["by"]?.string.flatMap(Pseudonym.init(written:)),
            let at = leaf["ts"]?.integer.map({ Timestamp(microseconds: $0) })
        else { return nil }
        switch leaf["t"]?.string {
        case "approver.enrolled":
            guard let key = leaf["key"]?.string.flatMap(Digest.init(base64:)) else { return nil }
            self = .enrolled(holder, key: key, roles: Self.roles(leaf), at: at)
        case "approver.revoked":
            self = .revoked(
                holder, credential: leaf["cred"]?.string.flatMap(Digest.init(base64:)), at: at)
        case "people.role": self = .roles(holder, Self.roles(leaf) ?? [], at: at)
        case "service.ended":
            guard let id = leaf["id"]?.string.flatMap({ OrderID($0) }) else { return nil }
            self = .tokenEnded(id)
        default: return nil
        }
    }

    private static func roles(_ leaf: JSONValue) -> Set<Role>? {
        leaf["roles"]?.array.map { Set($0.compactMap(\.string).compactMap(Role.init(rawValue:))) }
    }
}

extension PeopleDirectory {
    /// Applies a recorded change that the store lacks because the process died between the two writes.
    ///
    /// - Parameter later: the records that follow this one in the log. A revocation spares credentials that they enrol,
    ///   even within the same second.
    /// - Returns: false if the record names a person or credential that the store does not know: the store is then
    ///   older than a crash can explain, and nothing is invented.
    package mutating func replay(
        _ record: PeopleRecord, before later: ArraySlice<PeopleRecord> = [], hashing: any Hashing
    ) -> Bool {
        switch record {
        case .enrolled(let holder, let key, let roles, let at):
            let pending = enrolments.values.first {
                $0.invitation.pseudonym == holder && $0.credential.digest(hashing) == key
            }
            if knows(key, of: holder, hashing) {
                // The trust file is written before the rows, so a crash can leave an accepted enrolment pending.
                if let pending {
                    enrolments[pending.id] = nil
                    invitations[pending.invitation.hash] = nil
                }
            } else {
                guard let pending, let book = try? completing(pending, at: at) else {
                    return false
                }
                self = book
            }
            return roles.map { give($0, to: holder) } ?? true
        case .revoked(let holder, let credential?, let at):
            guard
                let id = passkeys.keys.first(where: {
                    hashing.sha256($0.bytes.span) == credential && passkeys[$0]?.holder == holder
                })
            else { return false }
            _ = suspend(id, at: at)
            return true
        case .revoked(let holder, nil, let at):
            guard let person = trust.person(holder) else { return false }
            forgetDelegations(of: holder, until: at)
            return revokeEarlier(person, at: at, sparing: Set(later.compactMap(\.key)), hashing)
        case .roles(let holder, let roles, let at):
            if !roles.contains(.security) { forgetServices(of: holder, until: at) }
            return give(roles, to: holder)
        case .tokenEnded(let id):
            services = services.filter { $0.value.id != id }
            return true
        case .delegationEnded(let id):
            delegations[id] = nil
            return true
        }
    }

    private mutating func give(_ roles: Set<Role>, to holder: Pseudonym) -> Bool {
        guard let person = trust.person(holder) else { return false }
        guard person.roles != roles else { return true }
        guard
            let changed = try? trust.with(
                TrustedPerson(
                    person: person.person, pseudonym: holder, roles: roles, keys: person.keys))
        else { return false }
        trust = changed
        return true
    }

    /// Revokes credentials that existed at the time; later ones stay.
    private mutating func revokeEarlier(
        _ person: TrustedPerson, at now: Timestamp, sparing later: Set<Digest>,
        _ hashing: any Hashing
    ) -> Bool {
        let at = now.wholeSecond
        let keys = person.keys.map { key in
            key.added <= at && !(Digest(bytes: key.key.bytes).map(later.contains) ?? false)
                ? key.revoked(at: at) : key
        }
        guard
            let changed = try? trust.with(
                TrustedPerson(
                    person: person.person, pseudonym: person.pseudonym, roles: person.roles,
                    keys: keys))
        else { return false }
        trust = changed
        let ended = passkeys.values.filter { passkey in
            passkey.holder == person.pseudonym && passkey.added <= at
                && !later.contains(hashing.sha256(passkey.publicKey.span))
        }
        guard (try? hold(ended.map { $0.revoked(at: at) })) != nil else { return false }
        forgetWaiting(of: person.pseudonym, until: now)
        forgetServices(of: person.pseudonym, until: now)
        return true
    }

    private func knows(_ key: Digest, of holder: Pseudonym, _ hashing: any Hashing) -> Bool {
        let own = trust.person(holder)?.keys ?? []
        return own.contains { Digest(bytes: $0.key.bytes) == key }
            || passkeys.values.contains {
                $0.holder == holder && hashing.sha256($0.publicKey.span) == key
            }
    }
}

extension NewCredential {
    /// The digest in records: the 32 bytes of an Ed25519 key, or the hash of a passkey's public key.
    package func digest(_ hashing: any Hashing) -> Digest {
        switch self {
        case .key(let key): Digest(bytes: key.bytes) ?? hashing.sha256(key.bytes.span)
        case .passkey(_, _, let key, _, _): hashing.sha256(key.span)
        }
    }
}
