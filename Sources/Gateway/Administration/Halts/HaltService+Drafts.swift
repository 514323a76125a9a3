import InterlockGovernor
import InterlockJSON
package import InterlockModel
import Synchronization

/// Orders made for somebody to sign, in that person's name alone. Whoever has not got the role is told so before a
/// passkey is asked for; the signed order is judged by itself.
///
/// What keeps a signature from being used again: it covers the order's id, which this node makes anew for each
/// draft, and an order takes effect once. A halt of that id that was released stays released for ever. A release
/// names its halts and the epoch that its signers saw, and a newer halt of overlapping scope makes it void.
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
                    at: now),
                for: author, trust: trust, hashing: hashing)
        } catch {
            throw .form(error)
        }
    }

    package func draftRelease(
        of halts: [OrderID], reason: String, by author: Pseudonym
    ) throws(OrderRefusal) -> OrderDraft {
        let trust = try trust(of: author, with: .resume)
        let others = trust.people.filter { $0.roles.contains(.resume) && $0.pseudonym != author }
        // As many as an order may name, whoever begins among them.
        let authors = [author] + others.map(\.pseudonym).prefix(Envelope.mostSignatures - 1)
        let order: ReleaseOrder
        let draft: OrderDraft
        do throws(FormError) {
            order = try ReleaseOrder(
                id: newID(at: gateway.clock.wall), org: org, halts: halts, afterEpoch: epoch,
                reason: reason, authors: authors)
            draft = try OrderDraft(order, for: author, trust: trust, hashing: hashing)
        } catch {
            throw .form(error)
        }
        try state.withLock { state throws(OrderRefusal) in try state.book.check(order) }
        return draft
    }

    /// The same bytes that the first person signed.
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
        let trust = judge.trust
        guard trust.person(person)?.roles.contains(role) == true else { throw .missingRole(role) }
        return trust
    }

    private func newID(at now: Timestamp) -> OrderID {
        OrderID(milliseconds: now.milliseconds, random: gateway.entropy.bytes(10))
    }
}
