package import InterlockEvidence
package import InterlockGovernor
package import InterlockModel
import Synchronization

/// Drafts and verifies the dated orders of one kind, by key or by passkey, and takes each of them once.
///
/// INVARIANT: a dated order takes effect at most once, and one that is sent again suspends no passkey. Kept by
/// `OrdersByPasskeyTests`.
package final class DatedOrderService<Content: OrderContent>: Sendable {
    package typealias Dated = DatedOrder<Content>
    package typealias Failure = Content.Refusal

    private let gateway: Gateway
    private let people: AuthorizedKeysHolder
    private let verifier: any SignatureVerifier
    private let passkeys: OrderPasskeys<Failure>
    private let hashing: any Hashing
    private let began: Timestamp
    /// The orders that were taken, with their times; those that would be stale are dropped.
    private let taken = Mutex<[OrderID: Timestamp]>([:])

    package init(
        gateway: Gateway, people: AuthorizedKeysHolder, verifier: any SignatureVerifier,
        passkeys: PeoplePasskeys?, hashing: any Hashing
    ) {
        self.gateway = gateway
        self.people = people
        self.verifier = verifier
        self.passkeys = OrderPasskeys(gateway: gateway, people: passkeys)
        self.hashing = hashing
        began = gateway.clock.wall
    }

    /// Returns the verified order, which is spent from now on. Its passkey is not counted yet.
    ///
    /// - Parameter owner: as in `SignedOrderVerifier`.
    package func accept(
        _ envelope: Envelope, owner: SignedOrderVerifier.Owner<Dated> = { _ in nil }
    ) async throws(Failure) -> VerifiedOrder<Dated> {
        guard let trust = people.trust else { throw Failure(.unknownKey) }
        let now = gateway.clock.wall
        // Refused before it is verified, so that no counter is compared with itself.
        if let order = try? Dated(envelope), taken.withLock({ $0[order.id] != nil }) {
            throw Content.stale ?? Failure(.notAuthor)
        }
        let orders = SignedOrderVerifier(
            trust: trust, verifier: verifier, passkeys: passkeys.judge(hashing))
        let accepted = try await passkeys.believed(envelope) { () throws(Failure) in
            try orders.verify(envelope, as: Dated.self, .now(now), owner: owner)
        }
        // The orders that an earlier process took are not stored, and a synced passkey has no counter.
        let isOfBefore =
            accepted.signatures.contains { $0.passkey != nil }
            && accepted.order.at.seconds < began.seconds
        guard !isOfBefore, spend(accepted.order, at: now) else {
            throw Content.stale ?? Failure(.notAuthor)
        }
        return accepted
    }

    private func spend(_ order: Dated, at now: Timestamp) -> Bool {
        taken.withLock { taken in
            taken = taken.filter { now <= $0.value + OrderLimits.leeway }
            return taken.updateValue(order.at, forKey: order.id) == nil
        }
    }

    /// Stores the passkey's counter, durable on return, before an order that gives something can take effect.
    package func count(_ accepted: VerifiedOrder<Dated>) async throws(Failure) {
        try await passkeys.count(accepted.signatures)
    }

    /// Stores the passkey's counter after an order that took something away, which stays in effect if this fails.
    package func countAfter(_ accepted: VerifiedOrder<Dated>) async {
        do throws(Failure) { try await passkeys.count(accepted.signatures) } catch {
            gateway.raise(alarm: "passkey.not_counted", subject: accepted.signer.text)
        }
    }

    /// Drafts an order in the name of a person, for a passkey to sign.
    ///
    /// - Parameter owner: the person who needs no role to give it.
    package func draft(
        _ content: Content, because reason: String, by author: Pseudonym, owner: Pseudonym? = nil
    ) throws(Failure) -> OrderDraft {
        guard let trust = people.trust, let person = trust.person(author) else {
            throw Failure(.unknownKey)
        }
        if author != owner, let role = content.missingRole(of: person) {
            throw Failure(.missingRole(role))
        }
        let now = gateway.clock.wall
        do throws(FormError) {
            let order = try Dated(
                id: OrderID(
                    milliseconds: now.milliseconds, random: gateway.ports.entropy.bytes(10)),
                org: trust.org, content: content, reason: reason, author: author, at: now)
            return try OrderDraft(order, for: author, trust: trust, hashing: hashing)
        } catch { throw Failure(.form(error)) }
    }
}
