import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockApprovals
@testable import InterlockGatewayBench

@Suite struct PeopleServiceTests {
    private func refusal(_ body: () async throws -> Void) async -> PeopleRefusal? {
        await thrown(body)
    }

    private func types(_ registry: Registry) -> [RecordType] { registry.ledger.drafts.map(\.type) }

    @Test func `who is invited counts once a second person has confirmed, and is new then`()
        async throws
    {
        let registry = try Registry()
        let token = try await registry.invite("rui", roles: [.kill])
        #expect(!registry.store.text.contains(token), "the store has a hash of it alone")
        let pending = try await registry.enrol("rui", token)
        #expect(!registry.isEnrolled("rui") && types(registry).isEmpty)
        registry.clock.advance(.seconds(60))
        try await registry.confirm(pending, by: "dana")
        let (person, key) = try #require(
            registry.service.book.trust.holder(of: People.all["rui"].key.publicKey))
        #expect(person.roles == [.kill])
        #expect(!key.founding && registry.now - key.added < .seconds(1))
        #expect(types(registry) == [.approverEnrolled])
        let record = try #require(registry.ledger.drafts.last)
        #expect(
            record.fields["signers"]?.array?.compactMap(\.string)
                == ["eve", "dana"].map { People.all[$0].pseudonym.text })
        #expect(record.fields["roles"] == ["kill"])
        #expect(record.payloads.map(\.field) == ["proof"])
        #expect(try registry.store.trustFile() == registry.service.book.trust)
        #expect(registry.last?.trust == registry.service.book.trust)
        #expect(
            registry.service.book.enrolments.isEmpty && registry.service.book.invitations.isEmpty)
    }

    @Test func `nobody confirms alone, without the role, or something else`() async throws {
        let registry = try Registry()
        let pending = try await registry.enrol("rui", try await registry.invite("rui"))
        func confirm(_ name: String) async -> PeopleRefusal? {
            await refusal { try await registry.confirm(pending, by: name) }
        }
        #expect(await confirm("eve") == .order(.samePerson))
        #expect(await confirm("ines") == .order(.missingRole(.security)))
        #expect(await confirm("mallory") == .order(.unknownKey))
        #expect(await confirm("rui") == .order(.unknownKey))
        let other = Digest(words: (1, 2, 3, 4))
        #expect(
            await refusal {
                _ = try await registry.service.confirm(
                    try registry.sign(.confirm(pending.id, of: other), by: "dana"))
            } == .otherContent)
        #expect(
            await refusal {
                _ = try await registry.service.confirm(
                    try registry.sign(
                        try registry.confirmation(
                            registry.service.book.shown(pending), People.order(99)), by: "dana"))
            } == .noSuchOrder)
        #expect(!registry.isEnrolled("rui") && types(registry).isEmpty)
        #expect(await confirm("dana") == nil)
        #expect(await confirm("dana") == .noSuchOrder)
    }

    @Test func `a person of security cannot confirm a credential of their own`() async throws {
        let registry = try Registry(security: ["eve", "dana", "kim"])
        let token = try await registry.invite("dana")
        let spare = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 77, count: 32)))
        let made = try await registry.service.enrol(token: token, .key(spare.publicKey))
        guard case .waits(let pending) = made else { throw Registry.Unexpected() }
        #expect(
            await refusal { try await registry.confirm(pending, by: "dana") }
                == .order(.samePerson))
        try await registry.confirm(pending, by: "kim")
        #expect(registry.service.book.trust.holder(of: spare.publicKey)?.person.keys.count == 2)
    }

    @Test func `an invitation is for one credential, for three days, and known by its token alone`()
        async throws
    {
        let registry = try Registry()
        let token = try await registry.invite("rui")
        func enrol(_ token: String, _ name: String = "rui") async -> PeopleRefusal? {
            await refusal { _ = try await registry.enrol(name, token) }
        }
        #expect(await enrol(token + "A") == .noSuchInvitation)
        #expect(await enrol("") == .noSuchInvitation)
        #expect(await enrol(token, "ines") == .knownCredential)
        registry.clock.advance(Invitation.life)
        #expect(await enrol(token) == .noSuchInvitation)
        let fresh = try await registry.invite("rui")
        registry.clock.advance(Invitation.life - .seconds(1))
        #expect(await enrol(fresh) == nil)
        #expect(await enrol(fresh) == .noSuchInvitation)
    }

    @Test func `an enrolment that nobody confirms is over after three days`() async throws {
        let registry = try Registry()
        let pending = try await registry.enrol("rui", try await registry.invite("rui"))
        registry.clock.advance(PendingEnrolment.life)
        #expect(
            await refusal { try await registry.confirm(pending, by: "dana") } == .noSuchOrder)
    }

    @Test func `roles are given by two people, never by whom they are for`() async throws {
        let registry = try Registry()
        let order = try registry.sign(
            .role(People.all["dana"].person, add: [.kill], remove: []), by: "eve")
        let pending = try await registry.service.ask(order)
        func confirm(_ name: String) async throws -> PeopleRefusal? {
            let envelope = try registry.sign(
                try registry.confirmation(registry.service.book.shown(pending), pending.id),
                by: name)
            return await refusal { _ = try await registry.service.confirm(envelope) }
        }
        #expect(try await confirm("eve") == .order(.samePerson))
        #expect(try await confirm("dana") == .order(.samePerson))
        #expect(types(registry).isEmpty)
        let third = try Registry(security: ["eve", "dana", "kim"])
        let asked = try await third.service.ask(
            try third.sign(.role(People.all["dana"].person, add: [.kill], remove: []), by: "eve"))
        _ = try await third.service.confirm(
            try third.sign(
                try third.confirmation(third.service.book.shown(asked), asked.id), by: "kim"))
        let roles = third.service.book.trust.person(People.all["dana"].person)?.roles
        #expect(roles == [.kill, .security])
        #expect(
            third.ledger.drafts(of: .peopleRole).first?.fields["roles"]
                == ["kill", "security"])
    }

    @Test func `a change after which nobody could release is refused when it is asked for`()
        async throws
    {
        let registry = try Registry()
        let order = try registry.sign(
            .role(People.all["kim"].person, add: [], remove: [.resume]), by: "eve")
        let found = await refusal { _ = try await registry.service.ask(order) }
        guard case .unfit = found else { throw Registry.Unexpected() }
    }

    @Test func `a revocation holds at once, whatever log and store do`() async throws {
        let registry = try Registry()
        registry.store.fail()
        let order = try registry.sign(.revoke(People.all["ines"].person), by: "eve")
        #expect(await refusal { _ = try await registry.service.revoke(order) } == .notKept)
        #expect(!registry.isEnrolled("ines"))
        #expect(registry.last?.person(People.all["ines"].pseudonym) == nil)
        #expect(registry.alarmed == ["people.not_kept"])
        #expect(types(registry) == [.approverRevoked])
    }

    @Test func `anybody revokes their own keys, and nothing waits for or by who is revoked`()
        async throws
    {
        let registry = try Registry()
        let token = try await registry.invite("rui", by: "dana")
        _ = try await registry.invite("ines", by: "eve")
        let own = try registry.sign(.revoke(People.all["paul"].person), by: "paul")
        _ = try await registry.service.revoke(own)
        let other = try registry.sign(.revoke(People.all["kim"].person), by: "ines")
        #expect(
            await refusal { _ = try await registry.service.revoke(other) }
                == .order(.missingRole(.security)))
        _ = try await registry.service.revoke(
            try registry.sign(.revoke(People.all["dana"].person), by: "eve"))
        #expect(registry.service.book.invitations.count == 1)
        #expect(await refusal { _ = try await registry.enrol("rui", token) } == .noSuchInvitation)
        #expect(
            await refusal { _ = try await registry.invite("rui", by: "dana") }
                == .order(.revokedKey))
        #expect(try registry.store.trustFile() == registry.service.book.trust)
    }

    @Test func `an order counts once, soon after it was signed`() async throws {
        let registry = try Registry()
        let order = try registry.sign(.revoke(People.all["ines"].person), by: "eve")
        _ = try await registry.service.revoke(order)
        #expect(await refusal { _ = try await registry.service.revoke(order) } == .staleOrder)
        for distance in [OrderLimits.leeway, .zero - OrderLimits.leeway] {
            let edge = try registry.sign(
                .revoke(People.all["paul"].person), by: "eve", at: registry.now + distance)
            _ = try await registry.service.revoke(edge)
            let beyond = try registry.sign(
                .revoke(People.all["paul"].person), by: "eve",
                at: registry.now + distance + (distance < .zero ? .seconds(-1) : .seconds(1)))
            #expect(await refusal { _ = try await registry.service.revoke(beyond) } == .staleOrder)
        }
    }

    @Test func `another kind of statement, organisation or signer is no order`() async throws {
        let registry = try Registry()
        let good = try registry.sign(.revoke(People.all["ines"].person), by: "eve")
        func revoke(_ envelope: Envelope) async -> PeopleRefusal? {
            await refusal { _ = try await registry.service.revoke(envelope) }
        }
        let halt = try People.all["eve"].key.envelope(.halt, good.payload)
        #expect(await revoke(halt) == .order(.otherKind))
        let foreign = try People.all.foreign(good, by: "dana")
        #expect(await revoke(foreign) == .order(.notAuthor))
        let order = try PeopleOrder(
            id: People.order(7), org: "other", content: .revoke(People.all["ines"].person),
            reason: "a test of people", author: People.all["eve"].pseudonym, at: registry.now)
        let elsewhere = try People.all["eve"].key.envelope(.people, try order.canonical())
        #expect(await revoke(elsewhere) == .order(.otherOrganisation("other")))
        var bytes = good.signatures[0].bytes
        bytes[3] ^= 1
        let broken = Envelope(
            payloadType: .people, payload: good.payload,
            signatures: [good.signatures[0].with(bytes)])
        #expect(await revoke(broken) == .order(.badSignature))
        #expect(registry.isEnrolled("ines"))
    }

    @Test(arguments: [false, true])
    func `what cannot be recorded makes nobody able to decide`(_ isKept: Bool) async throws {
        let registry = try Registry()
        let pending = try await registry.enrol("rui", try await registry.invite("rui"))
        registry.ledger.refuse(.approverEnrolled, kept: isKept)
        #expect(
            await refusal { try await registry.confirm(pending, by: "dana") }
                == .notRecorded("audit.full"))
        #expect(!registry.isEnrolled("rui"))
        registry.ledger.accept()
        try await registry.confirm(pending, by: "dana")
        #expect(registry.isEnrolled("rui"))
    }

    @Test func `what was recorded and not kept is found again in the log`() async throws {
        let first = try Registry()
        let pending = try await first.enrol(
            "rui", try await first.invite("rui", roles: [.kill]))
        first.store.fail()
        #expect(await refusal { try await first.confirm(pending, by: "dana") } == .notKept)
        #expect(first.isEnrolled("rui"))
        let revoked = try first.sign(.revoke(People.all["ines"].person), by: "eve")
        #expect(await refusal { _ = try await first.service.revoke(revoked) } == .notKept)
        first.store.mend()
        // A new process with the earlier authorized keys and the rows that were stored.
        let trust = try Registry.trust(["eve", "dana"], at: first.now)
        let book = try PeopleDirectory(trust: trust, rows: try await first.store.peopleRows())
        let second = try Registry(ledger: first.ledger, store: first.store, book: book)
        #expect(!second.isEnrolled("rui") && second.isEnrolled("ines"))
        try await second.service.restore(second.leaves)
        #expect(second.isEnrolled("rui") && !second.isEnrolled("ines"))
        #expect(second.service.book.trust.person(People.all["rui"].person)?.roles == [.kill])
        #expect(try second.store.trustFile() == second.service.book.trust)
        #expect(second.alarmed.isEmpty)
        let third = try Registry(
            ledger: first.ledger, store: first.store,
            book: try PeopleDirectory(
                trust: second.service.book.trust, rows: try await first.store.peopleRows()))
        try await third.service.restore(third.leaves)
        #expect(third.last == nil, "a second look changes nothing")
    }

    @Test func `whom only the log knows is nobody, and somebody is told`() async throws {
        let registry = try Registry()
        let stranger = Base64.encode([UInt8](repeating: 9, count: 16))
        try await registry.service.restore([
            [
                "t": "approver.enrolled", "ts": 1, "by": .string(stranger),
                "key": .string(Digest(words: (1, 1, 1, 1)).base64), "kind": "ed25519",
            ]
        ])
        #expect(registry.alarmed == ["people.unknown"])
        #expect(registry.last == nil)
    }

    @Test func `who revokes all others of security cannot confirm alone`() async throws {
        let registry = try Registry()
        _ = try await registry.service.revoke(
            try registry.sign(.revoke(People.all["dana"].person), by: "eve"))
        let pending = try await registry.enrol("rui", try await registry.invite("rui"))
        #expect(
            await refusal { try await registry.confirm(pending, by: "eve") }
                == .order(.samePerson))
    }

    @Test func `the only person of security may sign twice`() async throws {
        let registry = try Registry(security: ["eve"])
        let pending = try await registry.enrol("rui", try await registry.invite("rui"))
        try await registry.confirm(pending, by: "eve")
        #expect(registry.isEnrolled("rui"))
    }

    @Test func `a founding passkey counts at once, and its counter only rises`() async throws {
        let base = try Registry()
        let token = "a-token-that-only-the-link-has"
        let ines = People.all["ines"]
        let hash = OpenSSLHashing().sha256(Array("interlock/invitation/1\0\(token)".utf8).span)
        let invitation = Invitation(
            hash: hash, person: ines.person, pseudonym: ines.pseudonym, roles: [],
            expires: base.now + Invitation.life, order: nil, inviter: nil)
        let registry = try Registry(
            book: PeopleDirectory(trust: base.service.book.trust, invitations: [invitation]))
        let id = try #require(PasskeyID(bytes: [UInt8](repeating: 3, count: 32)))
        let made = try await registry.service.enrol(
            token: token,
            .passkey(
                id, .es256, publicKey: [1, 2, 3], relyingParty: "interlock.example", counter: 4))
        guard case .founding = made else { throw Registry.Unexpected() }
        let passkey = try #require(registry.service.passkey(id))
        #expect(passkey.founding && passkey.holder == ines.pseudonym && !passkey.isRevoked)
        #expect(registry.ledger.drafts.last?.fields["founding"] == true)
        #expect(try await registry.service.count(id, 5))
        #expect(try await !registry.service.count(id, 5))
        let rows = try await registry.store.peopleRows()
        let again = try PeopleDirectory(trust: registry.service.book.trust, rows: rows)
        #expect(again.passkeys[id]?.counter == 5)
        await registry.service.suspend(id)
        #expect(registry.service.passkey(id)?.isRevoked == true)
        #expect(try await !registry.service.count(id, 9))
        #expect(types(registry).last == .approverRevoked)
        #expect(registry.service.person(ines.pseudonym) != nil, "the key of the command line stays")
    }
}
