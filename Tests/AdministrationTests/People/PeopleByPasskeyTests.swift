import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockGatewayBench

/// Orders about people that passkeys sign: the same orders by the same rules as by key.
struct PeopleByPasskeyTests {
    /// `eve` and `dana` hold `security` and a passkey each, `ines` a passkey and no role.
    private let registry: Registry

    init() throws { registry = try Self.registry() }

    private static func registry(
        founding: Bool = true, expires: Timestamp? = nil, store: MemoryPeopleStore? = nil
    ) throws -> Registry {
        let clock = FakeClock()
        let start = clock.now.wall
        let passkeys = ["eve", "dana", "ines"].map { name in
            EnrolledPasskey(
                id: Passkeys.id(of: name), holder: People.all[name].pseudonym, algorithm: .es256,
                publicKey: Array(name.utf8), relyingParty: "localhost", counter: 7,
                added: start.wholeSecond, founding: founding, expires: expires)
        }
        let trust = try Registry.trust(["eve", "dana"], at: start)
        return try Registry(
            store: store ?? MemoryPeopleStore(),
            book: PeopleDirectory(trust: trust, passkeys: passkeys))
    }

    private func refusal(_ body: () async throws -> Void) async -> PeopleRefusal? {
        await thrown(body)
    }

    private func draft(
        _ change: PeopleChange, by name: String, in registry: Registry? = nil
    ) throws -> OrderDraft {
        try (registry ?? self.registry).service.draft(
            change, because: "a test of people", by: People.all[name].pseudonym)
    }

    private func invite(
        _ envelope: Envelope, in registry: Registry? = nil
    ) async throws -> PeopleService.Invited {
        try await (registry ?? self.registry).service.invite(envelope) {
            PlainPseudonyms().pseudonym(of: $0)
        }
    }

    private func rui(_ roles: Set<Role> = []) -> PeopleChange {
        .invite(People.all["rui"].person, roles: roles)
    }

    private func counter(of name: String) -> UInt32? {
        registry.service.book.passkeys[Passkeys.id(of: name)]?.counter
    }

    @Test func `two passkeys invite and confirm, and the record has their keys`() async throws {
        let token = try await invite(
            try Passkeys.signed(try draft(rui([.kill]), by: "eve"), by: "eve")
        )
        .token
        #expect(counter(of: "eve") == 8)
        let pending = try await registry.enrol("rui", token)
        let shown = registry.service.book.shown(pending)
        let confirmation = try registry.confirmation(shown, pending.id)
        _ = try await registry.service.confirm(
            try Passkeys.signed(try draft(confirmation, by: "dana"), by: "dana"))
        #expect(registry.isEnrolled("rui") && counter(of: "dana") == 8)
        let record = try #require(registry.ledger.drafts.last)
        #expect(record.type == .approverEnrolled)
        let proof = try #require(record.plaintext("proof"))
        let orders = try JSONValue(parsing: proof, limits: .upstream).array ?? []
        let keys = orders.map { $0["signatures"]?.array?.first?["key"]?.string }
        #expect(keys == ["eve", "dana"].map { Base64.encode(Array($0.utf8)) })
        #expect(registry.store.text.contains("\"counter\":8"))
    }

    @Test func `roles take two people, and revoking takes one`() async throws {
        let ines = People.all["ines"]
        let change = PeopleChange.role(ines.person, add: [.kill], remove: [])
        let pending = try await registry.service.ask(
            try Passkeys.signed(try draft(change, by: "eve"), by: "eve"))
        let shown = registry.service.book.shown(pending)
        let confirmation = try registry.confirmation(shown, pending.id)
        #expect(
            await refusal { _ = try draft(confirmation, by: "eve") } == .order(.samePerson))
        _ = try await registry.service.confirm(
            try Passkeys.signed(try draft(confirmation, by: "dana"), by: "dana"))
        #expect(registry.service.book.trust.person(ines.person)?.roles == [.kill])
        _ = try await registry.service.revoke(
            try Passkeys.signed(try draft(.revoke(ines.person), by: "eve"), by: "eve", counter: 9))
        #expect(registry.service.book.person(ines.pseudonym) == nil)
        #expect(registry.ledger.drafts.map(\.type).suffix(2) == [.peopleRole, .approverRevoked])
    }

    @Test func `who may not sign gets no draft, and signs no draft of another`() async throws {
        #expect(
            await refusal { _ = try draft(rui(), by: "ines") } == .order(.missingRole(.security)))
        #expect(await refusal { _ = try draft(rui(), by: "rui") } == .order(.unknownKey))
        let other = try draft(rui(), by: "eve")
        #expect(
            await refusal { _ = try await invite(try Passkeys.signed(other, by: "dana")) }
                == .order(.notAuthor))
        let own = try draft(.revoke(People.all["ines"].person), by: "ines")
        _ = try await registry.service.revoke(try Passkeys.signed(own, by: "ines"))
        #expect(registry.service.book.person(People.all["ines"].pseudonym) == nil)
    }

    @Test func `a draft that was changed, or is of another kind, is not signed`() async throws {
        let (small, large) = (try draft(rui(), by: "eve"), try draft(rui([.kill]), by: "eve"))
        #expect(
            await refusal {
                _ = try await invite(try Passkeys.signed(small, by: "eve", payload: large.payload))
            } == .order(.badAssertion(.wrongChallenge)))
        #expect(
            await refusal {
                _ = try await registry.service.revoke(try Passkeys.signed(small, by: "eve"))
            }
                == .order(.otherKind))
        #expect(registry.service.book.invitations.isEmpty)
    }

    @Test func `what waits must be as it was shown`() async throws {
        let token = try await registry.invite("rui")
        let pending = try await registry.enrol("rui", token)
        let shown = registry.service.book.shown(pending)
        let confirmation = try registry.confirmation(shown, pending.id)
        let asked = try draft(confirmation, by: "dana")
        let other = PeopleChange.confirm(pending.id, of: Digest(words: (1, 2, 3, 4)))
        #expect(await refusal { _ = try draft(other, by: "dana") } == .otherContent)
        _ = try await registry.service.revoke(
            try registry.sign(.revoke(People.all["eve"].person), by: "eve"))
        #expect(
            await refusal {
                _ = try await registry.service.confirm(try Passkeys.signed(asked, by: "dana"))
            }
                == .noSuchOrder)
    }

    @Test func `an order that is sent again is refused and suspends no passkey`() async throws {
        let envelope = try Passkeys.signed(try draft(rui(), by: "eve"), by: "eve")
        _ = try await invite(envelope)
        #expect(await refusal { _ = try await invite(envelope) } == .staleOrder)
        #expect(registry.service.book.passkeys[Passkeys.id(of: "eve")]?.isRevoked == false)
        #expect(registry.service.book.invitations.count == 1)
    }

    @Test func `an order of before the start is refused by passkey`() async throws {
        let envelope = try Passkeys.signed(try draft(rui(), by: "eve"), by: "eve")
        let later = try Registry(store: registry.store, book: registry.service.book)
        later.clock.advance(.seconds(5))
        let restarted = PeopleService(later.service.ports, book: later.service.book)
        #expect(
            await refusal { _ = try await restarted.invite(envelope) { _ in Pseudonym(text: "x") } }
                == .staleOrder)
    }

    @Test func `a counter that went back suspends the passkey`() async throws {
        let copied = try Passkeys.signed(try draft(rui(), by: "eve"), by: "eve", counter: 7)
        #expect(
            await refusal { _ = try await invite(copied) }
                == .order(.copiedPasskey(Passkeys.id(of: "eve"))))
        #expect(registry.service.book.passkeys[Passkeys.id(of: "eve")]?.isRevoked == true)
        #expect(registry.alarmed.contains("passkey.counter_went_back"))
    }

    @Test func `an order and a passkey end`() async throws {
        let envelope = try Passkeys.signed(try draft(rui(), by: "eve"), by: "eve")
        registry.clock.advance(OrderLimits.leeway + .seconds(1))
        #expect(await refusal { _ = try await invite(envelope) } == .staleOrder)
        let start = registry.now
        let ending = try Self.registry(expires: start + .seconds(60))
        let early = try draft(rui(), by: "eve", in: ending)
        ending.clock.advance(.seconds(7200))
        #expect(try draft(rui(), by: "eve", in: ending).credentials.isEmpty)
        #expect(
            await refusal {
                _ = try await invite(try Passkeys.signed(early, by: "eve"), in: ending)
            }
                == .order(.expiredKey))
    }

    @Test func `a new passkey revokes at once, and gives nothing for a day`() async throws {
        let new = try Self.registry(founding: false)
        let end = new.now.wholeSecond + VoteVerifier.waitAtTierHigh
        #expect(await refusal { _ = try draft(rui(), by: "eve", in: new) } == .tooNew(end))
        let order = try PeopleOrder(
            id: People.order(1), org: "acme", content: rui(), reason: "a test of people",
            author: People.all["eve"].pseudonym, at: new.now)
        let revocation = try draft(.revoke(People.all["ines"].person), by: "eve", in: new)
        let bytes = try order.canonical()
        let message = Envelope(payloadType: .people, payload: bytes, signatures: [])
        let forged = Envelope(
            payloadType: .people, payload: bytes,
            signatures: [
                .passkey(
                    try PasskeyAssertion(
                        credential: Passkeys.id(of: "eve"), authenticatorData: [8],
                        clientDataJSON: message.challenge(OpenSSLHashing()).bytes,
                        signature: Array("eve".utf8)))
            ])
        #expect(await refusal { _ = try await invite(forged, in: new) } == .tooNew(end))
        _ = try await new.service.revoke(try Passkeys.signed(revocation, by: "eve"))
        #expect(new.service.book.person(People.all["ines"].pseudonym) == nil)
        new.clock.advance(VoteVerifier.waitAtTierHigh)
        #expect(try draft(rui(), by: "eve", in: new).credentials.count == 1)
    }

    @Test func `what cannot be stored gives nothing, and still revokes`() async throws {
        let envelope = try Passkeys.signed(try draft(rui(), by: "eve"), by: "eve")
        registry.store.fail()
        #expect(await refusal { _ = try await invite(envelope) } == .notRecorded("store"))
        #expect(registry.service.book.invitations.isEmpty)
        let revocation = try Passkeys.signed(
            try draft(.revoke(People.all["ines"].person), by: "dana"), by: "dana")
        #expect(
            await refusal { _ = try await registry.service.revoke(revocation) } == .notKept)
        #expect(registry.service.book.person(People.all["ines"].pseudonym) == nil)
    }

    private static let finance = DelegatingGroup(
        members: ["ines", "paul"].map { People.all[$0].person })

    private func passing(in registry: Registry? = nil) throws -> OrderDraft {
        let now = (registry ?? self.registry).now
        return try draft(
            .delegate(
                group: "finance", to: People.all["kim"].person, until: now + .seconds(86_400)),
            by: "ines", in: registry)
    }

    @Test func `a seat is passed and taken back by passkey, and a start verifies it again`()
        async throws
    {
        let envelope = try Passkeys.signed(try passing(), by: "ines")
        let delegation = try await registry.service.delegate(envelope) { _ in Self.finance }
        #expect(delegation.from == People.all["ines"].pseudonym && counter(of: "ines") == 8)
        #expect(
            await refusal {
                _ = try await registry.service.delegate(envelope) { _ in Self.finance }
            } == .staleOrder)
        let book = registry.service.book
        let passkeys = book.passkeyVerifier(Passkeys.verifier, OpenSSLHashing())
        let found = book.verifyingDelegations(OpenSSLVerifier(), passkeys: passkeys)
        #expect(found.unfit.isEmpty && found.directory.delegations == book.delegations)
        let without = book.verifyingDelegations(OpenSSLVerifier())
        #expect(without.unfit == [delegation.id] && without.directory.delegations.isEmpty)
        let end = try draft(.endDelegation(group: "finance"), by: "ines")
        _ = try await registry.service.endDelegation(
            try Passkeys.signed(end, by: "ines", counter: 9))
        #expect(registry.service.book.delegations.isEmpty && counter(of: "ines") == 9)
        #expect(
            registry.ledger.drafts.map(\.type) == [.approvalDelegated, .approvalDelegationEnded])
        let proof = try #require(registry.ledger.drafts.first?.plaintext("proof"))
        let order = try JSONValue(parsing: proof, limits: .upstream)
        let key = order["signatures"]?.array?.first?["key"]?.string
        #expect(key == Base64.encode(Array("ines".utf8)))
    }

    @Test func `a new passkey passes no seat for a day`() async throws {
        let new = try Self.registry(founding: false)
        let end = new.now.wholeSecond + VoteVerifier.waitAtTierHigh
        #expect(await refusal { _ = try passing(in: new) } == .tooNew(end))
    }

    @Test func `an order for a token of an agent counts once, by the role security`() async throws {
        let agent = try #require(AgentName("refunds"))
        let request = try #require(
            AgentTokenRequest(agent: agent, purpose: "Ticket 5512", only: ["crm"], seconds: 3600))
        let change = PeopleChange.issueAgentToken(request)
        #expect(
            await refusal { _ = try draft(change, by: "ines") } == .order(.missingRole(.security)))
        let envelope = try Passkeys.signed(try draft(change, by: "eve"), by: "eve")
        let taken = try await registry.service.takeTokenRequest(envelope)
        #expect(taken.request == request && taken.order.signer == People.all["eve"].pseudonym)
        #expect(counter(of: "eve") == 8)
        #expect(
            await refusal { _ = try await registry.service.takeTokenRequest(envelope) }
                == .staleOrder)
        let byKey = try registry.sign(change, by: "dana")
        _ = try await registry.service.takeTokenRequest(byKey)
        #expect(
            await refusal { _ = try await registry.service.takeTokenRequest(byKey) } == .staleOrder)
        let later = try Registry(store: registry.store, book: registry.service.book)
        later.clock.advance(.seconds(5))
        let restarted = PeopleService(later.service.ports, book: later.service.book)
        #expect(
            await refusal { _ = try await restarted.takeTokenRequest(byKey) } == .staleOrder)
    }
}
