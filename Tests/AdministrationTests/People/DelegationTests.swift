import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockApprovals
@testable import InterlockGatewayBench

/// Orders that pass a seat, and their ends. The group `finance` has `ines`, `paul` and `joe`.
@Suite struct DelegationTests {
    private static let finance = ["ines", "paul", "joe"].map { People.all[$0].person }
    private static let week = Duration.seconds(7 * 86_400)

    private static func group(_ name: String) -> DelegatingGroup? {
        name == "finance" ? DelegatingGroup(members: finance) : nil
    }

    private func refusal(_ body: () async throws -> Void) async -> PeopleRefusal? {
        await thrown(body)
    }

    @discardableResult
    private func delegate(
        _ registry: Registry, from person: String = "ines", to other: String = "kim",
        group: String = "finance", life: Duration = week
    ) async throws -> Delegation {
        let order = try registry.sign(
            .delegate(
                group: group, to: People.all[other].person, until: registry.now + life),
            by: person)
        return try await registry.service.delegate(order, group: Self.group)
    }

    private func end(_ registry: Registry, by person: String = "ines") async throws {
        _ = try await registry.service.endDelegation(
            try registry.sign(.endDelegation(group: "finance"), by: person))
    }

    private func inForce(_ registry: Registry, of person: String = "ines") -> Delegation? {
        registry.service.book.delegation(
            of: People.all[person].pseudonym, in: "finance", at: registry.now)
    }

    /// The state that a new process finds, repaired from the log.
    private func restart(_ first: Registry) async throws -> Registry {
        first.store.mend()
        let trust =
            try first.store.trustFile()
            ?? Registry.trust(["eve", "dana"], at: FakeClock().now.wall)
        let rows = try await first.store.peopleRows()
        let (book, unfit) = try PeopleDirectory(trust: trust, rows: rows)
            .verifyingDelegations(OpenSSLVerifier())
        #expect(unfit.isEmpty)
        let second = try Registry(ledger: first.ledger, store: first.store, book: book)
        try await second.service.restore(first.leaves)
        return second
    }

    @Test func `a seat is passed until its end, on record and across a restart`() async throws {
        let registry = try Registry()
        let delegation = try await delegate(registry)
        #expect(inForce(registry) == delegation)
        #expect(delegation.to == People.all["kim"].pseudonym && !delegation.isToMember)
        let record = try #require(registry.ledger.drafts.first)
        #expect(registry.ledger.drafts.map(\.type) == [.approvalDelegated])
        #expect(record.fields["by"]?.string == People.all["ines"].pseudonym.text)
        #expect(record.fields["to"]?.string == People.all["kim"].pseudonym.text)
        #expect(record.fields["group"] == "finance" && record.payloads.map(\.field) == ["proof"])
        #expect(registry.store.entries.map(\.kind) == [.delegation])
        let second = try await restart(registry)
        #expect(inForce(second) == delegation)
        second.clock.advance(Self.week)
        #expect(inForce(second) == nil)
        await second.service.dropDelegations(group: Self.group)
        #expect(second.service.book.delegations.isEmpty)
        #expect(second.ledger.drafts.count == 1, "an end in time has no record")
    }

    @Test(arguments: [
        ("kim", "ines", "finance", week, PeopleRefusal.notInGroup("finance")),
        ("ines", "kim", "security", week, .notInGroup("security")),
        ("ines", "ines", "finance", week, .unfitDelegate),
        ("ines", "rui", "finance", week, .unfitDelegate),
        ("ines", "kim", "finance", .zero, .unfitDelegationEnd),
        ("ines", "kim", "finance", .seconds(-1), .unfitDelegationEnd),
        ("ines", "kim", "finance", .seconds(14 * 86_400 + 1), .unfitDelegationEnd),
    ])
    func `what is refused leaves no trace`(
        _ from: String, _ to: String, _ group: String, _ life: Duration, _ expected: PeopleRefusal
    ) async throws {
        let registry = try Registry()
        #expect(
            await refusal {
                try await delegate(registry, from: from, to: to, group: group, life: life)
            } == expected)
        #expect(registry.ledger.drafts.isEmpty && registry.service.book.delegations.isEmpty)
    }

    @Test func `the longest is 14 days, one of a seat, and an order counts once`() async throws {
        let registry = try Registry()
        try await delegate(registry, life: .seconds(14 * 86_400))
        #expect(await refusal { try await delegate(registry, to: "joe") } == .delegated)
        try await delegate(registry, from: "paul", to: "kim")
        try await end(registry)
        let order = try registry.sign(
            .delegate(
                group: "finance", to: People.all["kim"].person, until: registry.now + Self.week),
            by: "ines")
        _ = try await registry.service.delegate(order, group: Self.group)
        try await end(registry)
        #expect(
            await refusal {
                _ = try await registry.service.delegate(order, group: Self.group)
            } == .staleOrder)
        let second = try await restart(registry)
        second.clock.advance(.seconds(1))
        #expect(
            await refusal {
                _ = try await second.service.delegate(
                    try second.sign(
                        .delegate(
                            group: "finance", to: People.all["kim"].person,
                            until: second.now + Self.week), by: "ines",
                        at: second.now + .seconds(-2)), group: Self.group)
            } == .staleOrder, "signed before this process began")
    }

    @Test func `another kind of order, or signer, delegates nothing`() async throws {
        let registry = try Registry()
        let other = try registry.sign(.endDelegation(group: "finance"), by: "ines")
        #expect(
            await refusal {
                _ = try await registry.service.delegate(other, group: Self.group)
            } == .order(.otherKind))
        let forged = try PeopleOrder(
            id: People.order(9), org: "acme",
            content: .delegate(
                group: "finance", to: People.all["kim"].person, until: registry.now + Self.week),
            reason: "a test of people", author: People.all["ines"].pseudonym, at: registry.now)
        let envelope = try People.all["kim"].key.envelope(.people, try forged.canonical())
        #expect(
            await refusal {
                _ = try await registry.service.delegate(envelope, group: Self.group)
            } == .order(.notAuthor))
    }

    @Test(arguments: [false, true])
    func `an end holds at once, and across a restart whatever the store did`(
        storeFails: Bool
    ) async throws {
        let registry = try Registry()
        try await delegate(registry)
        if storeFails { registry.store.fail() }
        #expect(await refusal { try await end(registry) } == (storeFails ? .notKept : nil))
        #expect(inForce(registry) == nil)
        #expect(
            registry.ledger.drafts.map(\.type) == [.approvalDelegated, .approvalDelegationEnded])
        #expect(registry.ledger.drafts.last?.fields["code"] == "delegation.ended")
        #expect(await refusal { try await end(registry) } == .noDelegation)
        let second = try await restart(registry)
        #expect(second.service.book.delegations.isEmpty)
        if !storeFails {
            #expect(registry.store.entries.map(\.kind) == [.delegation, .delegationEnd])
        }
    }

    @Test func `nobody ends another's`() async throws {
        let registry = try Registry()
        try await delegate(registry)
        for name in ["kim", "eve", "paul"] {
            #expect(await refusal { try await end(registry, by: name) } == .noDelegation)
        }
        #expect(inForce(registry) != nil)
    }

    @Test func `what the store does not take was never in force, and the log says so`() async throws
    {
        let registry = try Registry()
        registry.store.fail()
        #expect(await refusal { try await delegate(registry) } == .notRecorded("store"))
        #expect(inForce(registry) == nil)
        #expect(
            registry.ledger.drafts.map(\.type) == [.approvalDelegated, .approvalDelegationEnded])
        #expect(registry.ledger.drafts.last?.fields["code"] == "delegation.lost")
        let second = try await restart(registry)
        #expect(second.service.book.delegations.isEmpty && second.ledger.drafts.count == 2)
    }

    @Test func `a start records the end of what only the log has`() async throws {
        let registry = try Registry()
        try await delegate(registry)
        let fresh = MemoryPeopleStore()
        let second = try Registry(ledger: registry.ledger, store: fresh)
        try await second.service.restore(registry.leaves)
        #expect(second.service.book.delegations.isEmpty)
        #expect(second.ledger.drafts.last?.fields["code"] == "delegation.lost")
        let third = try Registry(ledger: registry.ledger, store: fresh)
        try await third.service.restore(third.leaves)
        #expect(third.ledger.drafts.count == 2, "once")
    }

    @Test(arguments: ["ines", "joe"])
    func `it ends when either is no member any more, and does not come back`(
        gone: String
    ) async throws {
        let registry = try Registry()
        try await delegate(registry, to: "joe")
        try await delegate(registry, from: "paul", to: "kim")
        let rest = Self.finance.filter { $0 != People.all[gone].person }
        await registry.service.dropDelegations(group: Self.group)
        #expect(registry.service.book.delegations.count == 2)
        await registry.service.dropDelegations {
            $0 == "finance" ? DelegatingGroup(members: rest) : nil
        }
        #expect(inForce(registry) == nil && inForce(registry, of: "paul") != nil)
        #expect(registry.ledger.drafts.last?.fields["code"] == "delegation.left")
        await registry.service.dropDelegations(group: Self.group)
        #expect(inForce(registry) == nil)
        #expect(registry.store.entries.map(\.kind).last == .delegationEnd)
        await registry.service.dropDelegations { _ in nil }
        #expect(registry.service.book.delegations.isEmpty, "there is no such group any more")
    }

    @Test(arguments: [
        (DelegateChoice.anyone, "kim", true), (.anyone, "joe", true), (.members, "kim", false),
        (.members, "joe", true), (.never, "kim", false), (.never, "joe", false),
    ])
    func `the policy says to whom seats may be passed, before and after`(
        _ choice: DelegateChoice, _ delegate: String, _ expected: Bool
    ) async throws {
        let group = DelegatingGroup(members: Self.finance, delegates: choice)
        let registry = try Registry()
        let order = try registry.sign(
            .delegate(
                group: "finance", to: People.all[delegate].person, until: registry.now + Self.week),
            by: "ines")
        let refusal = await refusal {
            _ = try await registry.service.delegate(order) { _ in group }
        }
        #expect(refusal == (expected ? nil : .forbiddenDelegate("finance", choice)))
        let later = try Registry()
        try await self.delegate(later, to: delegate)
        await later.service.dropDelegations { _ in group }
        #expect((inForce(later) != nil) == expected)
        if !expected {
            #expect(later.ledger.drafts.last?.fields["code"] == "delegation.forbidden")
        }
    }

    @Test(arguments: ["ines", "kim"])
    func `it ends when either is revoked, and does not come back`(gone: String) async throws {
        let registry = try Registry()
        try await delegate(registry)
        _ = try await registry.service.revoke(
            try registry.sign(.revoke(People.all[gone].person), by: "dana"))
        #expect(inForce(registry) == nil && registry.service.book.delegations.isEmpty)
        let second = try await restart(registry)
        #expect(second.service.book.delegations.isEmpty)
    }

    @Test func `a row that its author did not sign does not count`() async throws {
        let registry = try Registry()
        let real = try await delegate(registry)
        let trust = try Registry.trust(["eve", "dana"], at: FakeClock().now.wall)
        let joe = People.all["joe"].pseudonym
        for (name, fake) in [
            ("to", real.changed(to: joe)), ("from", real.changed(from: joe)),
            ("group", real.changed(group: "board")),
            ("expires", real.changed(expires: real.expires + .seconds(1))),
        ] {
            let rows = [PeopleRow(.delegation, fake.id.text, fake.json)]
            let (book, unfit) = try PeopleDirectory(trust: trust, rows: rows)
                .verifyingDelegations(OpenSSLVerifier())
            #expect(book.delegations.isEmpty && unfit == [real.id], "\(name)")
        }
    }

    @Test func `orders are read as they are written, and nothing else is`() throws {
        let registry = try Registry()
        let order = try registry.sign(
            .delegate(
                group: "finance", to: People.all["kim"].person, until: registry.now + Self.week),
            by: "ines")
        let read = try PeopleOrder(order)
        #expect(
            read.action
                == .delegate(
                    group: "finance", to: People.all["kim"].person,
                    until: registry.now + Self.week))
        for group in ["", String(repeating: "a", count: 65)] {
            let bad = try registry.sign(.endDelegation(group: group), by: "ines")
            #expect(throws: PeopleRefusal.self, "\(group)") { try PeopleOrder(bad) }
        }
    }
}

extension Delegation {
    fileprivate func changed(
        group: String? = nil, from: Pseudonym? = nil, to: Pseudonym? = nil,
        expires: Timestamp? = nil
    ) -> Delegation {
        Delegation(
            id: id, group: group ?? self.group, from: from ?? self.from, to: to ?? self.to,
            reason: reason, made: made, expires: expires ?? self.expires, isToMember: isToMember,
            order: order)
    }
}
