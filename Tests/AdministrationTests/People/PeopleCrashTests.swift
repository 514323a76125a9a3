import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockApprovals
@testable import InterlockGatewayBench

/// The next start completes whatever part of a change the process had written when it crashed.
@Suite struct `Deaths between the writes about people` {
    private static let passkey = PasskeyID(bytes: [UInt8](repeating: 3, count: 32))

    private func credential(_ isPasskey: Bool) throws -> NewCredential {
        guard isPasskey else { return .key(People.all["rui"].key.publicKey) }
        return .passkey(
            try #require(Self.passkey), .es256, publicKey: [1, 2, 3],
            relyingParty: "interlock.example", counter: 1)
    }

    /// The state that a new process finds, repaired from the log.
    private func restart(_ first: Registry, isRecorded: Bool = true) async throws -> Registry {
        first.store.mend()
        let trust =
            try first.store.trustFile()
            ?? Registry.trust(["eve", "dana", "kim"], at: FakeClock().now.wall)
        let second = try Registry(
            ledger: first.ledger, store: first.store,
            book: try PeopleDirectory(trust: trust, rows: try await first.store.peopleRows()))
        try await second.service.restore(isRecorded ? first.leaves : [])
        return second
    }

    /// Two writes follow the record of an enrolment: the authorized keys and the rows.
    @Test(arguments: 0...2, [false, true])
    func `an enrolment that is on record is completed`(writes: Int, isPasskey: Bool) async throws {
        let first = try Registry(security: ["eve", "dana", "kim"])
        let token = try await first.invite("rui", roles: [.kill])
        let made = try await first.service.enrol(token: token, try credential(isPasskey))
        guard case .waits(let pending) = made else { throw Registry.Unexpected() }
        first.store.stop(after: writes)
        _ = try? await first.confirm(pending, by: "dana")
        let second = try await restart(first)
        let rui = People.all["rui"]
        #expect(second.service.book.person(rui.pseudonym) == rui.person)
        #expect(second.service.book.trust.person(rui.person)?.roles == [.kill])
        #expect(second.service.book.enrolments.isEmpty)
        #expect(isPasskey == (second.service.book.passkeys.count == 1))
        #expect(second.alarmed.isEmpty)
        #expect(try second.store.trustFile() == second.service.book.trust)
        let third = try await restart(second)
        #expect(third.service.book == second.service.book && third.last == nil)
    }

    /// Pending invitations are removed first, then the authorized keys and the rows are written.
    @Test(arguments: 0...3)
    func `a revocation that is on record takes along what waits`(writes: Int) async throws {
        let first = try Registry(security: ["eve", "dana", "kim"])
        let token = try await first.invite("rui", by: "dana")
        first.clock.advance(.seconds(5))
        first.store.stop(after: writes)
        _ = try? await first.service.revoke(
            try first.sign(.revoke(People.all["dana"].person), by: "eve"))
        let second = try await restart(first)
        #expect(!second.isEnrolled("dana"))
        #expect(second.service.book.invitations.isEmpty)
        await #expect(throws: PeopleRefusal.noSuchInvitation) {
            _ = try await second.enrol("rui", token)
        }
    }

    /// A revocation does not wait for its record, so a crash may leave it in the authorized keys alone.
    @Test(arguments: 0...3)
    func `nothing waits of whose revocation the trust file alone has`(writes: Int) async throws {
        let first = try Registry(security: ["eve", "dana", "kim"])
        _ = try await first.invite("rui", by: "dana")
        first.store.stop(after: writes)
        _ = try? await first.service.revoke(
            try first.sign(.revoke(People.all["dana"].person), by: "eve"))
        let second = try await restart(first, isRecorded: false)
        #expect(second.isEnrolled("dana") == (writes < 2), "the trust file is the second write")
        #expect(second.service.book.invitations.isEmpty == (writes > 0))
    }

    @Test func `an invitation from after a revocation outlives a restart`() async throws {
        let first = try Registry()
        _ = try await first.service.revoke(
            try first.sign(.revoke(People.all["ines"].person), by: "eve"))
        first.clock.advance(.seconds(5))
        _ = try await first.invite("ines")
        let leaves = first.leaves
        let second = try Registry(
            ledger: first.ledger, store: first.store, book: first.service.book)
        try await second.service.restore(
            leaves.map { leaf in
                var object = leaf.object ?? [:]
                object["ts"] = .integer((first.now + .seconds(-5)).microseconds)
                return .object(object)
            })
        #expect(second.service.book.invitations.count == 1)
    }

    /// Times of enrolment are whole seconds; a record of the same second counts as later by its position in the log.
    @Test(arguments: [false, true])
    func `a credential from the second of an earlier revocation outlives a restart`(
        isPasskey: Bool
    ) async throws {
        let first = try Registry(security: ["eve", "dana", "kim"])
        _ = try await first.service.revoke(
            try first.sign(.revoke(People.all["ines"].person), by: "eve"))
        let token = try await first.invite("ines")
        let made = try await first.service.enrol(token: token, try credential(isPasskey))
        guard case .waits(let pending) = made else { throw Registry.Unexpected() }
        try await first.confirm(pending, by: "dana")
        let second = try await restart(first)
        #expect(second.service.book.trust == first.service.book.trust)
        #expect(second.service.book.passkeys == first.service.book.passkeys && second.last == nil)
        let ines = People.all["ines"]
        #expect(second.service.book.person(ines.pseudonym) == ines.person)
        let old = second.service.book.trust.holder(of: ines.key.publicKey)
        #expect(old?.key.isRevoked == true)
    }

    @Test func `a refused record gives neither credential nor role`() async throws {
        let first = try Registry()
        let spare = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 77, count: 32)))
        let token = try await first.invite("ines", roles: [.kill])
        let made = try await first.service.enrol(token: token, .key(spare.publicKey))
        guard case .waits(let pending) = made else { throw Registry.Unexpected() }
        first.ledger.refuse(.approverEnrolled)
        await #expect(throws: PeopleRefusal.notRecorded("audit.full")) {
            try await first.confirm(pending, by: "dana")
        }
        first.ledger.accept()
        let second = try await restart(first)
        #expect(second.service.book.trust.person(People.all["ines"].person)?.roles == [])
        #expect(first.ledger.drafts.isEmpty)
    }

    @Test func `who confirms signs the roles that come of it, as they are then`() async throws {
        let registry = try Registry(security: ["eve", "dana", "kim"])
        let spare = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 77, count: 32)))
        let token = try await registry.invite("ines")
        let made = try await registry.service.enrol(token: token, .key(spare.publicKey))
        guard case .waits(let pending) = made else { throw Registry.Unexpected() }
        let shown = registry.service.book.shown(pending)
        let asked = try await registry.service.ask(
            try registry.sign(
                .role(People.all["ines"].person, add: [.security], remove: []), by: "eve"))
        _ = try await registry.service.confirm(
            try registry.sign(
                try registry.confirmation(registry.service.book.shown(asked), asked.id), by: "kim"))
        await #expect(throws: PeopleRefusal.otherContent) {
            _ = try await registry.service.confirm(
                try registry.sign(try registry.confirmation(shown, pending.id), by: "dana"))
        }
        try await registry.confirm(pending, by: "dana")
        #expect(
            registry.service.book.trust.person(People.all["ines"].person)?.roles == [.security])
    }

    /// Nothing takes effect before the record. The link stays valid for another attempt, because no one else could
    /// confirm the first one.
    @Test func `a founding link outlives a death before the record`() async throws {
        let base = try Registry()
        let ines = People.all["ines"]
        let token = "a-token-that-only-the-link-has"
        let invitation = Invitation(
            hash: Invitation.hash(of: token, OpenSSLHashing()),
            person: ines.person, pseudonym: ines.pseudonym, roles: [],
            expires: base.now + Invitation.life, order: nil, inviter: nil)
        let registry = try Registry(
            book: PeopleDirectory(trust: base.service.book.trust, invitations: [invitation]))
        registry.ledger.refuse(.approverEnrolled)
        await #expect(throws: PeopleRefusal.notRecorded("audit.full")) {
            _ = try await registry.service.enrol(token: token, try self.credential(true))
        }
        #expect(registry.service.book.passkeys.isEmpty)
        registry.ledger.accept()
        _ = try await registry.service.enrol(token: token, try credential(true))
        #expect(registry.service.book.passkeys.count == 1)
        #expect(
            registry.service.book.invitations.isEmpty && registry.service.book.enrolments.isEmpty)
        await #expect(throws: PeopleRefusal.noSuchInvitation) {
            _ = try await registry.service.enrol(token: token, try self.credential(true))
        }
    }
}
