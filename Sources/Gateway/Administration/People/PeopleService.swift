package import InterlockApprovals
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Takes orders about people: invites, enrols, confirms, gives roles, revokes. A change that lets a person decide is in
/// the log before it is visible; a revocation takes effect at once and is recorded afterwards.
package final class PeopleService: Sendable {
    let state: Mutex<PeopleDirectory>
    let gate = AsyncGate()
    let ports: PeoplePorts
    /// The time at which each service account's token was last used, by the token's id.
    let uses = Mutex<[OrderID: Timestamp]>([:])

    /// The passkey signatures that were counted, which tell an order that is sent again from a copied passkey.
    let counted: CountedSignatures

    /// The time at which this process started. The orders that an earlier process took are not stored, so an order that
    /// issues a token is refused if it was signed before this time.
    let began: Timestamp

    package init(_ ports: PeoplePorts, book: PeopleDirectory) {
        self.ports = ports
        began = ports.clock.wall
        counted = CountedSignatures(since: began)
        state = Mutex(book)
    }

    package var book: PeopleDirectory { state.withLock { $0 } }

    package struct Invited: Sendable {
        package let invitation: Invitation
        /// The token for the link. It is shown once; the service stores only its hash.
        package let token: String
    }

    /// Invites a person. The hash of the token is durable in the store on return.
    package func invite(
        _ envelope: Envelope, pseudonym: (Person) -> Pseudonym
    ) async throws(PeopleRefusal) -> Invited {
        await gate.enter()
        defer { gate.leave() }
        let now = ports.clock.wall
        var book = self.book
        let accepted = try await accept(envelope, in: &book, at: now)
        guard case .invite(let person, _) = accepted.order.action else { throw .order(.otherKind) }
        let token = Base64.encodeURL(ports.entropy.bytes(Invitation.tokenBytes))
        let invitation = try book.invite(
            accepted, hash: hash(token), pseudonym: pseudonym(person), at: now)
        try await keep(book)
        return Invited(invitation: invitation, token: token)
    }

    /// Enrols a credential that was made with an invitation's token; the token is spent on return. The credential of a
    /// founding invitation is then recorded and counts; any other waits for its second person.
    package func enrol(
        token: String, _ credential: NewCredential
    ) async throws(PeopleRefusal) -> PeopleDirectory.Enrolment {
        await gate.enter()
        defer { gate.leave() }
        let now = ports.clock.wall
        var book = self.book
        let id = OrderID(milliseconds: now.milliseconds, random: ports.entropy.bytes(10))
        let enrolment = try book.enrol(hash(token), credential, id: id, at: now)
        // The store is written before the record: if the process dies after the record, a start completes the enrolment
        // from the store.
        try await keep(book)
        if case .founding(let pending) = enrolment {
            try await complete(pending, in: book, confirmed: nil, at: now)
        }
        return enrolment
    }

    /// Takes the second signature. The records, the store and the trust file are durable on return.
    package func confirm(
        _ envelope: Envelope
    ) async throws(PeopleRefusal) -> PeopleDirectory.Confirmed {
        await gate.enter()
        defer { gate.leave() }
        let now = ports.clock.wall
        var book = self.book
        let accepted = try await accept(envelope, in: &book, at: now)
        let confirmed = try book.confirm(accepted, hashing: ports.hashing, at: now)
        switch confirmed {
        case .enrolment(let pending):
            try await complete(pending, in: book, confirmed: accepted, at: now)
        case .roles(let pending):
            let after = try book.completing(pending)
            guard let person = after.trust.person(pending.person) else { throw .unknownPerson }
            try await record(role(person, [pending.first, accepted], in: book))
            try await settle(after)
        }
        return confirmed
    }

    /// Takes the first signature under a change of roles, which waits in memory for one day.
    package func ask(_ envelope: Envelope) async throws(PeopleRefusal) -> PendingRoles {
        await gate.enter()
        defer { gate.leave() }
        let now = ports.clock.wall
        var book = self.book
        let accepted = try await accept(envelope, in: &book, at: now)
        let pending = try book.ask(accepted, at: now)
        state.withLock { $0 = book }
        return pending
    }

    /// Revokes every credential of one person. They stop counting at once, even if the disk fails.
    ///
    /// - Throws: `notKept` if the store failed; a restart must then restore the revocation from the log.
    package func revoke(_ envelope: Envelope) async throws(PeopleRefusal) -> TrustedPerson {
        await gate.enter()
        defer { gate.leave() }
        let now = ports.clock.wall
        var book = self.book
        let accepted = try await accept(envelope, in: &book, at: now, isUrgent: true)
        let person = try book.revoke(accepted, at: now)
        let before = self.book
        show(book)
        ports.ledger.note(
            ports.records.record(
                .approverRevoked, run: nil,
                fields: [
                    "by": .string(person.pseudonym.text), "who": .string(accepted.signer.text),
                    "code": "people.revoked",
                ], sealing: [("proof", accepted.evidence)]))
        // The person's invitations and enrolments leave the store first: a start after a crash may find the keys
        // revoked in the trust file, but no record of it yet.
        var rest = before
        rest.forgetWaiting(of: person.pseudonym, until: now)
        do throws(StoreFailure) {
            try await ports.store.keep(people: rest.changes(since: before))
        } catch { rest = before }
        try await store(book, since: rest)
        return person
    }

    func hash(_ token: String) -> Digest { Invitation.hash(of: token, ports.hashing) }

    /// - Parameter takesPasskeys: if false, a signature by passkey counts as one of an unknown key.
    func orders(_ book: PeopleDirectory, takesPasskeys: Bool = false) -> SignedOrderVerifier {
        SignedOrderVerifier(
            trust: book.trust, verifier: ports.verifier,
            passkeys: takesPasskeys ? passkeys(book) : nil)
    }
}

/// The dependencies that are injected into the service.
package struct PeoplePorts: Sendable {
    package let store: any PeopleStore
    package let trust: any AuthorizedKeysStore
    package let ledger: any Ledger
    package let records: RecordWriter
    package let clock: any Clock
    package let entropy: any Entropy
    package let hashing: any Hashing
    package let verifier: any SignatureVerifier
    /// Is nil if signing by passkey is not configured.
    package let assertions: (any AssertionVerifier)?
    /// Receives each directory as soon as it takes effect. Must not block.
    package let follow: @Sendable (PeopleDirectory) -> Void
    package let alarm: @Sendable (_ code: String, _ subject: String) -> Void

    package init(
        store: any PeopleStore, trust: any AuthorizedKeysStore, ledger: any Ledger,
        records: RecordWriter, clock: any Clock, entropy: any Entropy, hashing: any Hashing,
        verifier: any SignatureVerifier, assertions: (any AssertionVerifier)? = nil,
        follow: @escaping @Sendable (PeopleDirectory) -> Void,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.store = store
        self.trust = trust
        self.ledger = ledger
        self.records = records
        self.clock = clock
        self.entropy = entropy
        self.hashing = hashing
        self.verifier = verifier
        self.assertions = assertions
        self.follow = follow
        self.alarm = alarm
    }
}

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
