package import InterlockApprovals
package import InterlockModel

extension PeopleService {
    /// Returns the invitation with this token, and the roles that its person has after the enrolment.
    package func invited(
        _ token: String
    ) throws(PeopleRefusal) -> (invitation: Invitation, roles: Set<Role>) {
        let book = book
        let invitation = try book.invitation(hash(token), at: ports.clock.wall)
        return (invitation, book.roles(after: invitation))
    }

    /// Enrols a key of the command line. The key itself must have signed the offer.
    package func enrol(
        token: String, offer: Envelope
    ) async throws(PeopleRefusal) -> PeopleDirectory.Enrolment {
        let now = ports.clock.wall
        let book = book
        let invitation = try book.invitation(hash(token), at: now)
        let key = try orders(book).key(offeredBy: offer, with: invitation, at: now)
        return try await enrol(token: token, .key(key))
    }

    /// Returns the pending enrolment or change of roles as its second person signs it.
    package func unconfirmed(_ id: OrderID) throws(PeopleRefusal) -> PeopleDirectory.Unconfirmed {
        guard let waiting = book.unconfirmed(id, at: ports.clock.wall) else {
            throw .noSuchOrder
        }
        return waiting
    }
}
