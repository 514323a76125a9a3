import InterlockGovernor
import InterlockJSON
package import InterlockModel
import Synchronization

/// Drafts orders for a person to sign, in that person's name alone. A person without the required role is refused
/// before a passkey is requested; the signed order is verified independently of its draft.
///
/// A signature cannot be used again: it covers the order's id, which this node generates for each draft, and an order
/// takes effect once. The id of a released halt stays released forever. A release names its halts and the epoch that
/// its signers saw, and a later halt of overlapping scope makes it void.
extension HaltService {
    package func draftHalt(
        of target: HaltTarget, reason: String, by author: Pseudonym
    ) throws(OrderRefusal) -> OrderDraft {
        let trust = try trust(of: author, with: .kill)
        let now = gateway.clock.wall
        do throws(FormError) {
            return try OrderDraft(
                HaltOrder(
                    id: newID(at: now), org: org, target: target, reason: reason, author: author,
                    at: now), for: author, trust: trust, hashing: hashing)
        } catch { throw .form(error) }
    }

    package func draftRelease(
        of halts: [OrderID], reason: String, by author: Pseudonym
    ) throws(OrderRefusal) -> OrderDraft {
        let trust = try trust(of: author, with: .resume)
        let others = trust.people.filter { $0.roles.contains(.resume) && $0.pseudonym != author }
        // An order names at most `Envelope.mostSignatures` authors; the first signer is always one of them.
        let authors = [author] + others.map(\.pseudonym).prefix(Envelope.mostSignatures - 1)
        let order: ReleaseOrder
        let draft: OrderDraft
        do throws(FormError) {
            order = try ReleaseOrder(
                id: newID(at: gateway.clock.wall), org: org, halts: halts, afterEpoch: epoch,
                reason: reason, authors: authors)
            draft = try OrderDraft(order, for: author, trust: trust, hashing: hashing)
        } catch { throw .form(error) }
        try check(order)
        return draft
    }

    /// Returns the bytes that the first person signed, as a draft for another person.
    package func draftConfirmation(
        of release: OrderID, by signer: Pseudonym
    ) throws(OrderRefusal) -> OrderDraft {
        let trust = try trust(of: signer, with: .resume)
        guard let draft = releases.first(where: { $0.order.id == release }) else {
            throw .unknownHalt(release)
        }
        guard draft.order.authors.contains(signer) else { throw .notAuthor }
        guard !draft.signatures.contains(where: { $0.signer == signer }) else {
            throw .samePerson
        }
        return OrderDraft(.release, draft.payload, for: signer, trust: trust, hashing: hashing)
    }

    private func trust(
        of person: Pseudonym, with role: Role
    ) throws(OrderRefusal) -> AuthorizedKeys {
        let trust = judge.organisation.trust
        guard trust.person(person)?.roles.contains(role) == true else { throw .missingRole(role) }
        return trust
    }

    private func newID(at now: Timestamp) -> OrderID {
        OrderID(milliseconds: now.milliseconds, random: gateway.ports.entropy.bytes(10))
    }
}
