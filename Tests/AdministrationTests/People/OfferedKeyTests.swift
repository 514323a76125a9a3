import InterlockAdministration
import InterlockApprovals
import InterlockCredentials
import InterlockGovernor
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockGatewayBench

/// The holder of a command-line key enrols it.
@Suite struct OfferedKeyTests {
    private func offer(
        _ registry: Registry, _ token: String, by name: String = "rui", as author: String = "rui",
        org: String = "acme", at: Timestamp? = nil
    ) throws -> Envelope {
        let order = try PeopleOrder(
            id: People.order(900), org: org,
            content: .enrol(Invitation.hash(of: token, OpenSSLHashing())),
            reason: "enrols this key", author: People.all[author].pseudonym, at: at ?? registry.now)
        return try People.all[name].key.envelope(.people, try order.canonical())
    }

    private func refusal(_ body: () async throws -> Void) async -> PeopleRefusal? {
        await thrown(body)
    }

    @Test func `the key that signs the offer is the one that waits`() async throws {
        let registry = try Registry()
        let token = try await registry.invite("rui", roles: [.kill])
        #expect(try registry.service.invited(token).invitation.person == People.all["rui"].person)
        #expect(try registry.service.invited(token).roles == [.kill])
        let made = try await registry.service.enrol(
            token: token, offer: try offer(registry, token))
        guard case .waits(let pending) = made else { throw Registry.Unexpected() }
        #expect(pending.credential == .key(People.all["rui"].key.publicKey))
        let waiting = try registry.service.unconfirmed(pending.id)
        #expect(waiting.shown == registry.service.book.shown(pending))
        #expect(waiting.first == People.all["eve"].pseudonym)
        #expect(registry.service.book.unconfirmed(at: registry.now).map(\.id) == [pending.id])
        try await registry.confirm(pending, by: "dana")
        #expect(registry.isEnrolled("rui"))
        #expect(throws: PeopleRefusal.noSuchOrder) {
            try registry.service.unconfirmed(pending.id)
        }
    }

    @Test func `an offer is of this invitation, this person, now`() async throws {
        let registry = try Registry()
        let (token, other) = (try await registry.invite("rui"), try await registry.invite("rui"))
        func enrol(_ offer: Envelope) async -> PeopleRefusal? {
            await refusal { _ = try await registry.service.enrol(token: token, offer: offer) }
        }
        #expect(await enrol(try offer(registry, other)) == .order(.otherKind))
        #expect(await enrol(try offer(registry, token, as: "eve")) == .order(.notAuthor))
        #expect(
            await enrol(try offer(registry, token, org: "other"))
                == .order(.otherOrganisation("other")))
        #expect(
            await enrol(try offer(registry, token, at: registry.now + .seconds(601)))
                == .staleOrder)
        #expect(await enrol(try offer(registry, token, by: "ines")) == .knownCredential)
        let good = try offer(registry, token)
        let forged = Envelope(
            payloadType: .people, payload: good.payload,
            signatures: try offer(registry, token, by: "mallory", at: registry.now + .seconds(1))
                .signatures)
        #expect(await enrol(forged) == .order(.badSignature))
        #expect(registry.service.book.enrolments.isEmpty)
        #expect(await enrol(good) == nil)
        #expect(await enrol(good) == .noSuchInvitation)
    }

    @Test func `an offer orders nothing, and an order offers nothing`() async throws {
        let registry = try Registry()
        let token = try await registry.invite("rui")
        let offered = try offer(registry, token, by: "eve", as: "eve")
        #expect(
            await refusal { _ = try await registry.service.revoke(offered) } == .order(.otherKind))
        let order = try registry.sign(.revoke(People.all["ines"].person), by: "eve")
        #expect(
            await refusal { _ = try await registry.service.enrol(token: token, offer: order) }
                == .order(.otherKind))
    }
}
