package import InterlockApprovals
import InterlockGovernor
package import InterlockModel
package import InterlockPorts
import Synchronization

extension PeopleService {
    /// Verifies an order, by key or by passkey. The counter of its passkey is durable on return, so that nothing takes
    /// effect by a signature that could count again. The caller must hold the gate, and `book` be the current directory.
    ///
    /// - Parameter isUrgent: true for an order that takes rights away: its counter is stored with the change, which
    ///   must take effect even if the disk fails.
    func accept(
        _ envelope: Envelope, in book: inout PeopleDirectory, at now: Timestamp,
        isUrgent: Bool = false
    ) async throws(PeopleRefusal) -> AcceptedPeopleOrder {
        let accepted: AcceptedPeopleOrder
        do throws(PeopleRefusal) {
            accepted = try orders(book, takesPasskeys: true).verify(envelope, .now(now))
        } catch {
            guard let copy = error.copy else { throw error }
            guard !counted.mayHave(envelope, of: copy) else { throw .staleOrder }
            ports.alarm(
                "passkey.counter_went_back", book.passkeys[copy]?.holder.text ?? copy.text)
            await suspendInside(copy)
            throw error
        }
        guard let passkey = accepted.signatures[0].passkey else { return accepted }
        // The orders that an earlier process took are not stored, and a synced passkey has no counter.
        guard isUrgent || accepted.order.at.seconds >= began.seconds else { throw .staleOrder }
        try book.count(accepted, at: now)
        if !isUrgent { try await keep(book) }
        counted.note(accepted.signatures[0].signature, of: passkey.id)
        return accepted
    }

    /// The same for an order that counts only in the process in which it was signed, also if it was signed by key.
    func acceptOfThisProcess(
        _ envelope: Envelope, in book: inout PeopleDirectory, at now: Timestamp
    ) async throws(PeopleRefusal) -> AcceptedPeopleOrder {
        let accepted = try await accept(envelope, in: &book, at: now)
        guard accepted.order.at.seconds >= began.seconds else { throw .staleOrder }
        return accepted
    }

    /// Drafts an order in the name of one person, for a passkey to sign.
    ///
    /// - Throws: `missingRole`; `tooNew` if each passkey of the person is; for a confirmation also `noSuchOrder`,
    ///   `otherContent` and `samePerson`.
    package func draft(
        _ change: PeopleChange, because reason: String, by author: Pseudonym
    ) throws(PeopleRefusal) -> OrderDraft {
        let (book, now) = (book, ports.clock.wall)
        guard let person = book.trust.person(author) else { throw .order(.unknownKey) }
        if let role = change.missingRole(of: person) { throw .order(.missingRole(role)) }
        if case .confirm(let id, let digest) = change {
            try book.check(author, confirms: id, of: digest, hashing: ports.hashing, at: now)
        }
        let (usable, from) = book.passkeys(of: author, giving: change.gives, at: now)
        if let from { throw .tooNew(from) }
        do throws(FormError) {
            let order = try PeopleOrder(
                id: OrderID(milliseconds: now.milliseconds, random: ports.entropy.bytes(10)),
                org: book.trust.org, content: change, reason: reason, author: author, at: now)
            return OrderDraft(
                .people, try order.canonical(), credentials: usable.map(\.id),
                hashing: ports.hashing)
        } catch { throw .order(.form(error)) }
    }

    /// Takes an order to issue a token of an agent. It does not count again, in this process or a later one; no token is
    /// issued yet.
    func takeTokenRequest(
        _ envelope: Envelope
    ) async throws(PeopleRefusal) -> (request: AgentTokenRequest, order: AcceptedPeopleOrder) {
        await gate.enter()
        defer { gate.leave() }
        let now = ports.clock.wall
        var book = self.book
        let accepted = try await acceptOfThisProcess(envelope, in: &book, at: now)
        let request = try book.takeTokenRequest(accepted, at: now)
        state.withLock { $0 = book }
        return (request, accepted)
    }

    func passkeys(_ book: PeopleDirectory) -> EnrolledPasskeyVerifier? {
        ports.assertions.map { book.passkeyVerifier($0, ports.hashing) }
    }
}

extension PeopleDirectory {
    /// Verifies assertions by the passkeys of this directory.
    package func passkeyVerifier(
        _ verifier: any AssertionVerifier, _ hashing: any Hashing
    ) -> EnrolledPasskeyVerifier {
        EnrolledPasskeyVerifier(
            hashing: hashing, find: { passkeys[$0] },
            verify: { assertion, challenge, passkey throws(AssertionRefusal) in
                try verifier.verify(assertion, challenge: challenge, by: passkey)
            })
    }
}
