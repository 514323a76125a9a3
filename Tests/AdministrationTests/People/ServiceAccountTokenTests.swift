import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockApprovals
@testable import InterlockEvidence
@testable import InterlockGatewayBench

@Suite struct `Tokens of services` {
    private static let siem = ServiceAccountName("siem")!

    private func refusal(_ body: () async throws -> Void) async -> PeopleRefusal? {
        await thrown(body)
    }

    private func issue(
        _ registry: Registry, role: Role = .kill, life: Duration = .seconds(3600),
        by issuer: String = "eve", name: ServiceAccountName = siem
    ) async throws -> String {
        let order = try registry.sign(
            .issueToken(name, role: role, until: registry.now + life), by: issuer)
        return try await registry.service.issueToken(order).token
    }

    private func end(_ registry: Registry, by person: String = "dana") async throws {
        _ = try await registry.service.endToken(try registry.sign(.endToken(Self.siem), by: person))
    }

    /// The state that a new process finds, repaired from the log.
    private func restart(_ first: Registry) async throws -> Registry {
        first.store.mend()
        let trust =
            try first.store.trustFile()
            ?? Registry.trust(["eve", "dana", "kim"], at: FakeClock().now.wall)
        let second = try Registry(
            ledger: first.ledger, store: first.store,
            book: try PeopleDirectory(trust: trust, rows: try await first.store.peopleRows()))
        try await second.service.restore(first.leaves)
        return second
    }

    @Test func `a token is known until its end, across a restart, and stands nowhere`() async throws
    {
        let registry = try Registry()
        let token = try await issue(registry)
        #expect(token.hasPrefix("ils_") && token.utf8.count == 47)
        let service = try #require(registry.service.service(of: token))
        #expect(service.name == Self.siem && service.role == .kill)
        let record = try #require(registry.ledger.drafts.first)
        #expect(registry.ledger.drafts.map(\.type) == [.serviceIssued])
        #expect(record.fields["by"]?.string == People.all["eve"].pseudonym.text)
        #expect(record.fields["svc"] == "siem" && record.fields["role"] == "kill")
        #expect(record.payloads.map(\.field) == ["proof"])
        let written =
            registry.store.text + "\(record.fields)"
            + String(decoding: JSONValue.object(record.fields).serialized(), as: UTF8.self)
        #expect(!written.contains(token) && !written.contains(token.dropFirst(4)))
        let second = try await restart(registry)
        #expect(second.service.service(of: token) == service)
        #expect(second.service.services.map(\.token.name) == [Self.siem])
        second.clock.advance(.seconds(3600))
        #expect(second.service.service(of: token) == nil && second.service.services.isEmpty)
    }

    @Test func `what is no token of a service is nobody's`() async throws {
        let registry = try Registry()
        let token = try await issue(registry)
        let invitation = try await registry.invite("rui")
        for other in [
            "", "ils_", String(token.dropFirst(4)), token + "A", String(token.dropLast()),
            "ILS_" + token.dropFirst(4), "ils_" + String(repeating: "A", count: 43), invitation,
            "ils_" + invitation,
        ] { #expect(registry.service.service(of: other) == nil, "\(other)") }
    }

    @Test func `only security issues, one token of a name, for a year at most`() async throws {
        let registry = try Registry()
        for name in ["kim", "ines"] {
            #expect(
                await refusal { _ = try await issue(registry, by: name) }
                    == .order(.missingRole(.security)))
        }
        #expect(
            await refusal { _ = try await issue(registry, life: .seconds(365 * 86_400 + 1)) }
                == .unfitEnd)
        #expect(await refusal { _ = try await issue(registry, life: .zero) } == .unfitEnd)
        #expect(registry.ledger.drafts.isEmpty)
        _ = try await issue(registry)
        #expect(await refusal { _ = try await issue(registry) } == .knownService)
        registry.clock.advance(.seconds(3600))
        #expect(await refusal { _ = try await issue(registry) } == nil, "the first is over")
        let order = try registry.sign(
            .issueToken(
                try #require(ServiceAccountName("board")), role: .kill,
                until: registry.now + .seconds(9)),
            by: "eve")
        _ = try await registry.service.issueToken(order)
        #expect(await refusal { _ = try await registry.service.issueToken(order) } == .staleOrder)
        #expect(
            await refusal {
                _ = try await registry.service.invite(order, pseudonym: PlainPseudonyms().pseudonym)
            } == .order(.otherKind))
    }

    @Test func `what cannot be recorded is not issued`() async throws {
        let registry = try Registry()
        registry.store.fail()
        #expect(await refusal { _ = try await issue(registry) } == .notRecorded("store"))
        #expect(registry.service.services.isEmpty && registry.service.book.services.isEmpty)
    }

    @Test(arguments: [false, true])
    func `an end holds at once, and across a restart whatever the store did`(
        storeFails: Bool
    ) async throws {
        let registry = try Registry()
        let token = try await issue(registry)
        if storeFails { registry.store.fail() }
        let found = await refusal { try await end(registry) }
        #expect(found == (storeFails ? .notKept : nil))
        #expect(registry.service.service(of: token) == nil)
        #expect(registry.ledger.drafts.map(\.type) == [.serviceIssued, .serviceEnded])
        #expect(await refusal { try await end(registry) } == .noSuchService)
        let second = try await restart(registry)
        #expect(second.service.service(of: token) == nil && second.service.book.services.isEmpty)
    }

    @Test func `a token ends with its issuer, and does not come back`() async throws {
        let registry = try Registry(security: ["eve", "dana", "kim"])
        let token = try await issue(registry)
        let other = try await issue(
            registry, by: "dana", name: try #require(ServiceAccountName("board")))
        _ = try await registry.service.revoke(
            try registry.sign(.revoke(People.all["eve"].person), by: "dana"))
        #expect(registry.service.service(of: token) == nil)
        #expect(registry.service.service(of: other) != nil)
        #expect(try await restart(registry).service.book.services.count == 1)

        let roles = try await registry.service.ask(
            try registry.sign(
                .role(People.all["dana"].person, add: [], remove: [.security]), by: "kim"))
        _ = try await registry.service.confirm(
            try registry.sign(
                try registry.confirmation(registry.service.book.shown(roles), roles.id), by: "dana")
        )
        #expect(
            registry.service.service(of: other) == nil && registry.service.book.services.isEmpty)
        #expect(registry.service.book.trust.person(People.all["dana"].person)?.roles == [])
    }

    @Test func `tokens that were issued after a role came back outlive the log's older word`()
        throws
    {
        let trust = try Registry.trust(["eve", "dana"], at: FakeClock().now.wall)
        let (eve, at) = (People.all["eve"].pseudonym, FakeClock().now.wall)
        func token(_ number: UInt64, made: Timestamp) throws -> ServiceAccountToken {
            ServiceAccountToken(
                hash: Digest(words: (number, 1, 1, 1)), id: People.order(number),
                name: try #require(ServiceAccountName("s\(number)")), role: .kill, issuer: eve,
                made: made, expires: at + .seconds(99_999))
        }
        var book = PeopleDirectory(
            trust: trust,
            services: [try token(1, made: at), try token(2, made: at + .seconds(20))])
        for (roles, seconds): (Set<Role>, Int) in [([], 10), ([.security], 15)] {
            let isKnown = book.replay(
                .roles(eve, roles, at: at + .seconds(seconds)), hashing: OpenSSLHashing())
            #expect(isKnown)
        }
        #expect(book.services(at: at).map(\.name.text) == ["s2"])
    }
}
