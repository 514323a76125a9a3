package import InterlockApprovals
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

extension PeopleService {
    /// Brings the people directory up to date with the log's records, in their order. Called once, before any request
    /// is served.
    ///
    /// - Parameter leaves: must contain every record about people and every revoked service token; other records are
    ///   ignored.
    package func restore(_ leaves: [JSONValue]) async throws(PeopleRefusal) {
        await gate.enter()
        defer { gate.leave() }
        var book = self.book
        let records = leaves.compactMap(PeopleRecord.init(leaf:))
        for (place, record) in records.enumerated()
        where !book.replay(record, before: records[(place + 1)...], hashing: ports.hashing) {
            ports.alarm("people.unknown", "ledger")
        }
        let before = self.book
        if book != before {
            show(book)
            try await store(book, since: before)
        }
        recordLost(leaves, at: ports.clock.wall)
    }

    /// Records, stores and publishes a confirmed credential. The caller must hold the gate.
    func complete(
        _ pending: PendingEnrolment, in book: PeopleDirectory, confirmed: AcceptedPeopleOrder?,
        at now: Timestamp
    ) async throws(PeopleRefusal) {
        let after = try book.completing(pending, at: now)
        let invitation = pending.invitation
        let proofs = [invitation.order, confirmed?.envelope].compactMap { $0 }
            .map { proof(of: $0, in: book) }
        let signers = [invitation.inviter, confirmed?.signer].compactMap { $0 }
        var fields: JSONObject = [
            "by": .string(invitation.pseudonym.text),
            "key": .string(pending.credential.digest(ports.hashing).base64),
        ]
        switch pending.credential {
        case .key: fields["kind"] = "ed25519"
        case .passkey(let id, _, _, let party, _):
            fields["kind"] = "passkey"
            fields["rp"] = .string(party)
            fields["cred"] = .string(ports.hashing.sha256(id.bytes.span).base64)
        }
        // The roles are in the same record as the credential, so a crash cannot separate the two.
        if let person = after.trust.person(invitation.person),
            person.roles != book.trust.person(invitation.person)?.roles ?? []
        {
            fields["roles"] = Self.names(of: person.roles)
        }
        if invitation.isFounding { fields["founding"] = true }
        if !signers.isEmpty { fields["signers"] = .array(signers.map { .string($0.text) }) }
        try await record(
            ports.records.record(
                .approverEnrolled, run: nil, fields: fields, sealing: Self.sealed(proofs)))
        try await settle(after)
    }

    func role(
        _ person: TrustedPerson, _ orders: [AcceptedPeopleOrder], in book: PeopleDirectory
    ) -> RecordDraft {
        ports.records.record(
            .peopleRole, run: nil,
            fields: [
                "by": .string(person.pseudonym.text), "roles": Self.names(of: person.roles),
                "signers": .array(orders.map { .string($0.signer.text) }),
            ], sealing: Self.sealed(orders.map { proof(of: $0.envelope, in: book) }))
    }

    private static func names(of roles: Set<Role>) -> JSONValue {
        .array(Role.allCases.filter(roles.contains).map { .string($0.rawValue) })
    }

    private func proof(of envelope: Envelope, in book: PeopleDirectory) -> JSONValue {
        envelope.evidence { book.passkeys[$0]?.publicKey }
    }

    private static func sealed(_ proofs: [JSONValue]) -> [(field: String, plaintext: [UInt8])] {
        proofs.isEmpty ? [] : [("proof", JSONValue.array(proofs).serialized())]
    }

    /// Appends a record, durable on return. Nothing has changed if it throws.
    func record(_ draft: RecordDraft) async throws(PeopleRefusal) {
        do throws(LedgerRefusal) { _ = try await ports.ledger.append(draft) } catch {
            throw .notRecorded(error.code)
        }
    }

    /// Stores, then publishes, a change that does not give anyone a right to decide yet.
    func keep(_ book: PeopleDirectory) async throws(PeopleRefusal) {
        do throws(StoreFailure) {
            try await ports.store.keep(people: book.changes(since: self.book))
        } catch { throw .notRecorded("store") }
        show(book)
    }

    /// Publishes a recorded change, even if the store rejects it: the next start restores it from the log.
    func settle(_ book: PeopleDirectory) async throws(PeopleRefusal) {
        let before = self.book
        show(book)
        try await store(book, since: before)
    }

    /// - Parameter more: entries of the control log besides those of people whose roles or credentials have changed.
    func store(
        _ book: PeopleDirectory, since before: PeopleDirectory, appending more: [ControlDraft] = []
    ) async throws(PeopleRefusal) {
        do throws(StoreFailure) {
            // People are stored before their passkeys: a start fails on a passkey of a person who is missing in the
            // trust file.
            if book.trust != before.trust { try await ports.trust.keep(book.trust) }
            try await ports.store.keep(
                people: book.changes(since: before),
                appending: book.entries(since: before.decided) + more)
        } catch {
            ports.alarm("people.not_kept", "store")
            throw .notKept
        }
    }

    func show(_ book: PeopleDirectory) {
        state.withLock { $0 = book }
        ports.follow(book)
    }
}

extension PeopleService: PasskeyDirectory {
    package func passkey(_ id: PasskeyID) -> EnrolledPasskey? { state.withLock { $0.passkeys[id] } }

    package func person(_ pseudonym: Pseudonym) -> Person? {
        state.withLock { $0.person(pseudonym) }
    }

    package func count(_ id: PasskeyID, _ counter: UInt32) async throws(StoreFailure) -> Bool {
        await gate.enter()
        defer { gate.leave() }
        var book = self.book
        guard book.count(id, counter), let passkey = book.passkeys[id] else { return false }
        try await ports.store.keep(people: [PeopleRow(.passkey, id.text, passkey.json)])
        show(book)
        return true
    }

    package func suspend(_ id: PasskeyID) async {
        await gate.enter()
        defer { gate.leave() }
        await suspendInside(id)
    }

    /// The caller must hold the gate.
    func suspendInside(_ id: PasskeyID) async {
        let now = ports.clock.wall
        let before = self.book
        var book = before
        guard let passkey = book.suspend(id, at: now) else { return }
        show(book)
        ports.ledger.note(
            ports.records.record(
                .approverRevoked, run: nil,
                fields: [
                    "by": .string(passkey.holder.text), "code": "people.counter_went_back",
                    "cred": .string(ports.hashing.sha256(id.bytes.span).base64),
                ], sealing: []))
        do throws(PeopleRefusal) { try await store(book, since: before) } catch {
            // The store has raised the alert; the next start restores the suspension from the log.
        }
    }
}
