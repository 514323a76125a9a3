package import InterlockJSON
package import InterlockModel

/// The people who may decide, their credentials, and the changes that wait: a value, without clock, randomness or I/O.
/// Each change returns the data to record. The caller must record it before the change becomes visible, unless it is a
/// revocation.
package struct PeopleDirectory: Sendable, Equatable {
    package internal(set) var trust: AuthorizedKeys
    /// The passkeys of all people, including revoked and suspended ones.
    package internal(set) var passkeys: [PasskeyID: EnrolledPasskey]
    package internal(set) var invitations: [Digest: Invitation]
    package internal(set) var enrolments: [OrderID: PendingEnrolment]
    /// The tokens of service accounts by the hash of the token, possibly including expired ones.
    package internal(set) var services: [Digest: ServiceAccountToken]
    /// The seats that are passed to other people, possibly including expired ones.
    package internal(set) var delegations: [OrderID: Delegation]
    /// The changes of roles that wait. They are not stored: after a restart the first person must sign again.
    package internal(set) var roles: [OrderID: PendingRoles] = [:]
    /// The signing times of the orders that were taken, until they are too old to be taken again.
    private var taken: [OrderID: Timestamp] = [:]

    /// The maximum number of invitations, of enrolments and of changes of roles that wait.
    package static let mostWaiting = 1000

    /// - Parameter passkeys: the passkeys of the store. A passkey that the trust file lists as revoked is revoked, even
    ///   if an older store lists it as valid.
    package init(
        trust: AuthorizedKeys, passkeys: [EnrolledPasskey] = [], invitations: [Invitation] = [],
        enrolments: [PendingEnrolment] = [], services: [ServiceAccountToken] = [],
        delegations: [Delegation] = []
    ) {
        let ended = Dictionary(
            trust.passkeys.compactMap { passkey in passkey.revoked.map { (passkey.id, $0) } },
            uniquingKeysWith: { a, _ in a })
        let passkeys = passkeys.map { passkey in
            ended[passkey.id].map(passkey.revoked(at:)) ?? passkey
        }
        self.trust = (try? trust.with(passkeys)) ?? trust
        self.passkeys = Dictionary(passkeys.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
        self.invitations = Dictionary(
            invitations.map { ($0.hash, $0) }, uniquingKeysWith: { a, _ in a })
        self.enrolments = Dictionary(
            enrolments.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
        self.services = Dictionary(services.map { ($0.hash, $0) }, uniquingKeysWith: { a, _ in a })
        self.delegations = Dictionary(
            delegations.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
    }

    /// True if the second signature must be another person's: if more than one person has the role `security`. People
    /// whose keys are revoked count; otherwise a person who revokes all others could confirm alone.
    package var needsSecondPerson: Bool { trust.people.count { $0.roles.contains(.security) } > 1 }

    /// Returns the person if at least one of their credentials is not revoked.
    package func person(_ pseudonym: Pseudonym) -> Person? {
        guard let person = trust.person(pseudonym) else { return nil }
        let isLive =
            person.keys.contains { !$0.isRevoked }
            || passkeys.values.contains { $0.holder == pseudonym && !$0.isRevoked }
        return isLive ? person.person : nil
    }

    /// The people who had credentials, all of which were revoked.
    package var departed: Set<Pseudonym> {
        Set(
            trust.people.map(\.pseudonym).filter { pseudonym in
                let had =
                    trust.person(pseudonym)?.keys.isEmpty == false
                    || passkeys.values.contains { $0.holder == pseudonym }
                return had && person(pseudonym) == nil
            })
    }

    // MARK: invitations

    /// - Parameter hash: the hash of the token in the link.
    package mutating func invite(
        _ accepted: AcceptedPeopleOrder, hash: Digest, pseudonym: Pseudonym, at now: Timestamp
    ) throws(PeopleRefusal) -> Invitation {
        guard case .invite(let person, let roles) = accepted.order.action else {
            throw .order(.otherKind)
        }
        try take(accepted.order, at: now)
        invitations = invitations.filter { now < $0.value.expires }
        guard invitations.count < Self.mostWaiting else { throw .tooMany }
        let invitation = Invitation(
            hash: hash, person: person, pseudonym: pseudonym, roles: roles,
            expires: now + Invitation.life, order: accepted.envelope, inviter: accepted.signer)
        // An invitation that could never be confirmed is refused now.
        _ = try self.enrolled(invitation, nil, at: now, founding: false)
        invitations[hash] = invitation
        return invitation
    }

    package func invitation(_ hash: Digest, at now: Timestamp) throws(PeopleRefusal) -> Invitation {
        guard let invitation = invitations[hash], now < invitation.expires else {
            throw .noSuchInvitation
        }
        return invitation
    }

    package enum Enrolment: Hashable, Sendable {
        case waits(PendingEnrolment)
        /// The enrolment of a founding person, which counts as soon as it is recorded.
        case founding(PendingEnrolment)
    }

    /// Uses up the invitation and adds the pending enrolment. A founding invitation is not used up until `completing`,
    /// because no other person could confirm the enrolment if the process died before the record; a new attempt with it
    /// replaces the earlier one. A founding credential does not count until `completing`, which follows its record.
    package mutating func enrol(
        _ hash: Digest, _ credential: NewCredential, id: OrderID, at now: Timestamp
    ) throws(PeopleRefusal) -> Enrolment {
        let invitation = try invitation(hash, at: now)
        enrolments = enrolments.filter {
            now < $0.value.expires && !(invitation.isFounding && $0.value.invitation.hash == hash)
        }
        try refuseKnown(credential)
        guard enrolments.count < Self.mostWaiting else { throw .tooMany }
        let pending = PendingEnrolment(
            id: id, invitation: invitation, credential: credential,
            expires: now + PendingEnrolment.life)
        if !invitation.isFounding { invitations[hash] = nil }
        enrolments[id] = pending
        return invitation.isFounding ? .founding(pending) : .waits(pending)
    }

    // MARK: second signatures

    package enum Confirmed: Hashable, Sendable {
        case enrolment(PendingEnrolment)
        case roles(PendingRoles)
    }

    /// Returns the pending enrolment or change of roles that the order confirms. If `needsSecondPerson`, the signer
    /// must not be the person who invited or asked, nor the one who is enrolled or receives a role.
    package mutating func confirm(
        _ accepted: AcceptedPeopleOrder, hashing: any Hashing, at now: Timestamp
    ) throws(PeopleRefusal) -> Confirmed {
        guard case .confirm(let id, let digest) = accepted.order.action else {
            throw .order(.otherKind)
        }
        let waiting = try check(
            accepted.signer, confirms: id, of: digest, hashing: hashing, at: now)
        try take(accepted.order, at: now)
        return waiting.change
    }

    /// Returns what waits if this person may confirm it and has seen it as it is.
    @discardableResult
    package func check(
        _ signer: Pseudonym, confirms id: OrderID, of digest: Digest, hashing: any Hashing,
        at now: Timestamp
    ) throws(PeopleRefusal) -> Unconfirmed {
        guard let waiting = unconfirmed(id, at: now) else { throw .noSuchOrder }
        guard let shown = try? waiting.shown.canonical(), hashing.sha256(shown.span) == digest
        else { throw .otherContent }
        guard !waiting.excluded.contains(signer) else { throw .order(.samePerson) }
        return waiting
    }

    /// Returns the content whose digest the second person signs. It names the resulting roles as of now, so a change of
    /// roles between the two signatures changes the content.
    package func shown(_ pending: PendingEnrolment) -> JSONValue {
        pending.shown(roles: roles(after: pending.invitation))
    }

    package func shown(_ pending: PendingRoles) -> JSONValue {
        pending.shown(roles: roles(after: pending))
    }

    /// Returns all roles that the person has once a credential is enrolled with the invitation.
    package func roles(after invitation: Invitation) -> Set<Role> {
        (trust.person(invitation.person)?.roles ?? []).union(invitation.roles)
    }

    private func roles(after pending: PendingRoles) -> Set<Role> {
        (trust.person(pending.person)?.roles ?? []).union(pending.add).subtracting(pending.remove)
    }

    /// Returns the directory as it is once the enrolment is recorded.
    ///
    /// - Throws: `knownCredential`, `tooMany`, or `unfit` if the resulting people are not valid authorized keys.
    package func completing(
        _ pending: PendingEnrolment, at now: Timestamp
    ) throws(PeopleRefusal) -> PeopleDirectory {
        try refuseKnown(pending.credential, except: pending.id)
        var book = self
        let founding = pending.invitation.isFounding
        book.trust = try enrolled(
            pending.invitation, pending.credential, at: now, founding: founding)
        if case .passkey(let id, let algorithm, let key, let party, let counter) =
            pending.credential
        {
            guard passkeys.count < TrustLimits.passkeys else { throw .tooMany }
            try book.hold([
                EnrolledPasskey(
                    id: id, holder: pending.invitation.pseudonym, algorithm: algorithm,
                    publicKey: key, relyingParty: party, counter: counter,
                    added: now.wholeSecond, founding: founding)
            ])
        }
        book.enrolments[pending.id] = nil
        book.invitations[pending.invitation.hash] = nil
        return book
    }

    // MARK: roles

    package mutating func ask(
        _ accepted: AcceptedPeopleOrder, at now: Timestamp
    ) throws(PeopleRefusal) -> PendingRoles {
        guard case .role(let person, let add, let remove) = accepted.order.action else {
            throw .order(.otherKind)
        }
        guard trust.person(person) != nil else { throw .unknownPerson }
        try take(accepted.order, at: now)
        roles = roles.filter { now < $0.value.expires }
        guard roles.count < Self.mostWaiting else { throw .tooMany }
        let pending = PendingRoles(first: accepted, person: person, add: add, remove: remove)
        _ = try completing(pending)
        roles[pending.id] = pending
        return pending
    }

    package func completing(_ pending: PendingRoles) throws(PeopleRefusal) -> PeopleDirectory {
        guard let person = trust.person(pending.person) else { throw .unknownPerson }
        var book = self
        book.trust = try trust.with(
            TrustedPerson(
                person: person.person, pseudonym: person.pseudonym,
                roles: roles(after: pending), keys: person.keys))
        book.roles[pending.id] = nil
        book.forgetServices()
        return book
    }

    // MARK: ends

    /// Revokes every credential of the person, and removes the invitations of and by the person, the enrolments with
    /// them, and the changes of roles that the person asked for.
    package mutating func revoke(
        _ accepted: AcceptedPeopleOrder, at now: Timestamp
    ) throws(PeopleRefusal) -> TrustedPerson {
        guard case .revoke(let address) = accepted.order.action else { throw .order(.otherKind) }
        guard let person = trust.person(address) else { throw .unknownPerson }
        try take(accepted.order, at: now)
        try revoke(person, at: now)
        return person
    }

    mutating func revoke(_ person: TrustedPerson, at now: Timestamp) throws(PeopleRefusal) {
        let at = now.wholeSecond
        trust = try trust.with(
            TrustedPerson(
                person: person.person, pseudonym: person.pseudonym, roles: person.roles,
                keys: person.keys.map { $0.revoked(at: at) }))
        try hold(
            passkeys.values.filter { $0.holder == person.pseudonym }.map { $0.revoked(at: at) })
        forgetWaiting(of: person.pseudonym, until: now)
        roles = roles.filter { $0.value.first.signer != person.pseudonym }
        forgetServices()
        forgetDelegations()
    }

    /// Removes the invitations of and by a person that were made until `end`, and the enrolments with them.
    package mutating func forgetWaiting(of person: Pseudonym, until end: Timestamp) {
        func ends(_ invitation: Invitation) -> Bool {
            (invitation.pseudonym == person || invitation.inviter == person)
                && invitation.expires <= end + Invitation.life
        }
        invitations = invitations.filter { !ends($0.value) }
        enrolments = enrolments.filter { !ends($0.value.invitation) }
    }

    /// Revokes a passkey whose counter went back.
    ///
    /// - Returns: nil if the passkey is unknown or already revoked.
    package mutating func suspend(_ id: PasskeyID, at now: Timestamp) -> EnrolledPasskey? {
        guard let passkey = passkeys[id], !passkey.isRevoked else { return nil }
        let ended = passkey.revoked(at: now.wholeSecond)
        passkeys[id] = ended
        trust = (try? trust.with([ended])) ?? trust
        forgetServices()
        forgetDelegations()
        return ended
    }

    /// Stores the counter of a passkey.
    ///
    /// - Returns: false if the passkey is unknown or revoked or has no counter, or if the new counter is not above the
    ///   last one. Two counters of 0 are accepted.
    package mutating func count(_ id: PasskeyID, _ counter: UInt32) -> Bool {
        guard let passkey = passkeys[id], !passkey.isRevoked, let last = passkey.counter,
            counter > last || (counter == 0 && last == 0)
        else { return false }
        passkeys[id] = passkey.counted(counter)
        return true
    }

    // MARK: parts

    /// Puts changed passkeys into the directory and into the authorized keys, which verify orders while there is no
    /// store.
    mutating func hold(_ changed: [EnrolledPasskey]) throws(PeopleRefusal) {
        trust = try trust.with(changed)
        for passkey in changed { passkeys[passkey.id] = passkey }
    }

    /// Marks an order as taken, or throws `staleOrder` if it was taken before. Orders that are too old to be taken at
    /// all are forgotten.
    mutating func take(_ order: PeopleOrder, at now: Timestamp) throws(PeopleRefusal) {
        taken = taken.filter { now <= $0.value + OrderLimits.leeway }
        guard taken.updateValue(order.at, forKey: order.id) == nil else { throw .staleOrder }
    }

    private func refuseKnown(
        _ credential: NewCredential, except id: OrderID? = nil
    ) throws(PeopleRefusal) {
        let isKnown =
            switch credential {
            case .key(let key):
                trust.holder(of: key) != nil || trust.nodes.contains { $0.key == key }
            case .passkey(let id, _, _, _, _): passkeys[id] != nil
            }
        let waits = enrolments.values.contains {
            $0.id != id && $0.credential.isSame(as: credential)
        }
        guard !isKnown, !waits else { throw .knownCredential }
    }

    /// - Parameter credential: the new credential; if nil, the call only checks whether the person could be enrolled.
    private func enrolled(
        _ invitation: Invitation, _ credential: NewCredential?, at now: Timestamp, founding: Bool
    ) throws(PeopleRefusal) -> AuthorizedKeys {
        let before = trust.person(invitation.person)
        // Another person's pseudonym would put this person in that one's place.
        if let holder = trust.person(invitation.pseudonym), holder.person != invitation.person {
            throw .unfit(.badMember("people", "distinct pseudonyms"))
        }
        var keys = before?.keys ?? []
        if case .key(let key) = credential {
            guard keys.count < TrustLimits.keysOfOne else { throw .tooMany }
            keys.append(EnrolledKey(key: key, added: now.wholeSecond, founding: founding))
        }
        return try trust.with(
            TrustedPerson(
                person: invitation.person, pseudonym: invitation.pseudonym,
                roles: roles(after: invitation), keys: keys))
    }
}
