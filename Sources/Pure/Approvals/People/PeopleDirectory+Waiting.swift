package import InterlockJSON
package import InterlockModel

extension PeopleDirectory {
    /// A change that waits for a second signature.
    package struct Unconfirmed: Sendable {
        package let id: OrderID
        package let change: Confirmed
        /// The JSON whose digest the second person signs.
        package let shown: JSONValue
        package let expires: Timestamp
        /// The first signer, or nil for a founding person's credential.
        package let first: Pseudonym?
        /// The people who must not confirm it: the first signer, and the person who is enrolled or receives a role.
        /// Empty if `needsSecondPerson` is false.
        package let excluded: Set<Pseudonym>
    }

    /// - Returns: nil if nothing with this id is pending.
    package func unconfirmed(_ id: OrderID, at now: Timestamp) -> Unconfirmed? {
        if let pending = enrolments[id], now < pending.expires {
            let invitation = pending.invitation
            return Unconfirmed(
                id: id, change: .enrolment(pending), shown: shown(pending),
                expires: pending.expires, first: invitation.inviter,
                excluded: excluded(invitation.inviter, invitation.pseudonym))
        }
        if let pending = roles[id], now < pending.expires {
            let receiver = pending.add.isEmpty ? nil : trust.person(pending.person)?.pseudonym
            return Unconfirmed(
                id: id, change: .roles(pending), shown: shown(pending), expires: pending.expires,
                first: pending.first.signer, excluded: excluded(pending.first.signer, receiver))
        }
        return nil
    }

    private func excluded(_ people: Pseudonym?...) -> Set<Pseudonym> {
        needsSecondPerson ? Set(people.compactMap { $0 }) : []
    }

    /// All changes that wait for a second person, oldest first. A founding person's credential is excluded, because it
    /// waits only to be recorded.
    package func unconfirmed(at now: Timestamp) -> [Unconfirmed] {
        let own = enrolments.values.filter { !$0.invitation.isFounding }.map(\.id)
        return (own + roles.keys).sorted { $0.text < $1.text }
            .compactMap { unconfirmed($0, at: now) }
    }

    /// Creates a single-use permission for a founding person to enrol one credential without an inviter. It changes no
    /// roles.
    package mutating func inviteFounding(
        _ person: TrustedPerson, hash: Digest, at now: Timestamp
    ) -> Invitation {
        let invitation = Invitation(
            hash: hash, person: person.person, pseudonym: person.pseudonym, roles: [],
            expires: now + Invitation.life, order: nil, inviter: nil)
        invitations[hash] = invitation
        return invitation
    }

    /// The enrolment time of the person's first credential, or nil without a credential.
    package func firstEnrolment(of person: Pseudonym) -> Timestamp? { enrolments(of: person).min() }

    /// The enrolment time of the person's newest credential. Except for founding credentials, security confirmed each
    /// enrolment.
    package func lastEnrolment(of person: Pseudonym) -> Timestamp? { enrolments(of: person).max() }

    private func enrolments(of person: Pseudonym) -> [Timestamp] {
        let keys = trust.people.first { $0.pseudonym == person }?.keys.map(\.added) ?? []
        return keys + passkeys.values.filter { $0.holder == person }.map(\.added)
    }
}
