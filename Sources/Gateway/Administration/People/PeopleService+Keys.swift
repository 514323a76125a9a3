package import InterlockApprovals
package import InterlockModel

extension PeopleService {
    /// Who is invited by the holder of this token, and with which roles.
    package func invited(
        _ token: String
    ) throws(PeopleRefusal) -> (invitation: Invitation, roles: Set<Role>) {
        let book = book
        let invitation = try book.invitation(hash(token), at: ports.clock.wall)
        return (invitation, book.roles(after: invitation))
    }

    /// A key of the command line, with the key's own signature under the offer.
    package func enrol(
        token: String, offer: Envelope
    ) async throws(PeopleRefusal) -> PeopleDirectory.Enrolment {
        let now = ports.clock.wall
        let book = book
        let invitation = try book.invitation(hash(token), at: now)
        let key = try orders(book).key(offeredBy: offer, with: invitation, at: now)
        return try await enrol(token: token, .key(key))
    }

    /// What waits, as its second person signs it.
    package func unconfirmed(_ id: OrderID) throws(PeopleRefusal) -> PeopleDirectory.Unconfirmed {
        guard let waiting = book.unconfirmed(id, at: ports.clock.wall) else {
            throw .noSuchOrder
        }
        return waiting
    }
}
