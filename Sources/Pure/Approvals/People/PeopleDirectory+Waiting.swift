package import InterlockJSON
package import InterlockModel

extension PeopleDirectory {
    /// Something that waits for a second signature.
    package struct Unconfirmed: Sendable {
        package let id: OrderID
        /// What the second person signs the digest of.
        package let shown: JSONValue
        package let expires: Timestamp
        /// Who signed first; nil for a founding person's credential.
        package let first: Pseudonym?
    }

    /// - Returns: nil when nothing of this id waits any more.
    package func unconfirmed(_ id: OrderID, at now: Timestamp) -> Unconfirmed? {
        if let pending = enrolments[id], now < pending.expires {
            return Unconfirmed(
                id: id, shown: shown(pending), expires: pending.expires,
                first: pending.invitation.inviter)
        }
        if let pending = roles[id], now < pending.expires {
            return Unconfirmed(
                id: id, shown: shown(pending), expires: pending.expires,
                first: pending.first.signer)
        }
        return nil
    }

    /// All of them, the oldest first. A founding person's waits for nobody, only to be recorded.
    package func unconfirmed(at now: Timestamp) -> [Unconfirmed] {
        let own = enrolments.values.filter { !$0.invitation.isFounding }.map(\.id)
        return (own + roles.keys).sorted { $0.text < $1.text }
            .compactMap { unconfirmed($0, at: now) }
    }

    /// One-time leave for a founding person to enrol one credential without an inviter. It gives no role: those
    /// that the person has then are kept.
    package mutating func inviteFounding(
        _ person: TrustedPerson, hash: Digest, at now: Timestamp
    ) -> Invitation {
        let invitation = Invitation(
            hash: hash, person: person.person, pseudonym: person.pseudonym, roles: [],
            expires: now + Invitation.life, order: nil, inviter: nil)
        invitations[hash] = invitation
        return invitation
    }
}
