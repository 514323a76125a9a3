import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Votes of people to whom a seat in `finance` is passed, on calls that need two of its members.
@Suite struct DelegatedVoteTests {
    private func refusal(_ body: () async throws -> Void) async -> ApprovalRefusal? {
        await thrown(body)
    }

    private func names(_ bench: Bench, _ id: ApprovalID) -> Set<String> {
        Set(
            (bench.approvals[id]?.voters ?? []).map {
                String($0.person.address.prefix { $0 != "@" })
            })
    }

    @Test func `a delegate votes in the member's place, and the record names the seat`()
        async throws
    {
        let bench = try Bench()
        try bench.pass(from: "ines", to: "joe")
        let client = try await Client.open(bench)
        let call = client.begin("pay")
        let id = try await bench.request().id
        #expect(names(bench, id) == ["paul", "rui", "dana", "joe"])
        #expect(
            await refusal { try await bench.vote(on: id, by: "ines") } == .notEligible(.notMember))
        #expect(try await bench.vote(on: id, by: "joe") == .counted(have: 1, need: 2))
        let record = try #require(bench.ledger.drafts.last { $0.type == .approvalGranted })
        #expect(record.fields["by"]?.string == People.all["joe"].pseudonym.text)
        #expect(
            record.fields["seats"]?.array?.compactMap(\.string)
                == [People.all["ines"].pseudonym.text])
        try await bench.vote(on: id, by: "paul")
        #expect(
            bench.ledger.drafts.last { $0.type == .approvalGranted }?.fields["seats"] == nil)
        check(await call.answer(), .text("done"), "a member and a delegate")
    }

    @Test func `a seat that is passed while a request waits moves, unless it was used`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay")
        let id = try await bench.request().id
        try await bench.vote(on: id, by: "paul")
        try bench.pass(from: "ines", to: "joe")
        try bench.pass(from: "paul", to: "kim")
        await bench.redecide()
        #expect(names(bench, id) == ["paul", "rui", "dana", "joe"], "paul has voted")
        #expect(try await bench.vote(on: id, by: "joe") == .granted(until: bench.grantEnd))
        check(await call.answer(), .text("done"), "two seats")
    }

    @Test func `a delegation that ended counts for no vote more, and drops the one before`()
        async throws
    {
        for looks in [true, false] {
            let bench = try Bench()
            try bench.pass(from: "ines", to: "joe")
            let client = try await Client.open(bench)
            _ = client.begin("pay")
            let id = try await bench.request().id
            bench.takeBack()
            if looks { await bench.redecide() }
            #expect(
                await refusal { try await bench.vote(on: id, by: "joe") }
                    == .notEligible(looks ? .notMember : .delegationEnded))
            await bench.redecide()
            #expect(names(bench, id) == ["ines", "paul", "rui", "dana"])
            #expect(try await bench.vote(on: id, by: "ines") == .counted(have: 1, need: 2))
        }
    }

    @Test func `a vote of a delegate whose delegation ended meanwhile releases nothing`()
        async throws
    {
        for looks in [true, false] {
            let bench = try Bench()
            try bench.pass(from: "ines", to: "joe")
            let client = try await Client.open(bench)
            let id = try await bench.grant("pay", [:], to: client, by: "joe", "paul")
            bench.takeBack()
            if looks {
                await bench.redecide()
                #expect(bench.approvals[id]?.state == .void)
                #expect(bench.approvals[id]?.cause == .quorumUnreachable)
            } else {
                check(
                    await client.begin("pay").answer(), .refused(4031, "not-granted"),
                    "one of the two votes is gone")
            }
            #expect(bench.upstreams.sent.isEmpty)
        }
    }

    @Test func `a vote before the delegation counts at its use`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        _ = try await bench.grant("pay", [:], to: client, by: "ines", "paul")
        try bench.pass(from: "ines", to: "joe")
        await bench.redecide()
        check(await client.begin("pay").answer(), .text("done"), "both had their seats")
    }

    @Test func `no delegation lifts the separation of duties`() async throws {
        let bench = try Bench()
        try bench.pass(from: "ines", to: "li")
        let client = try await Client.open(bench)
        _ = client.begin("pay")
        let id = try await bench.request().id
        #expect(names(bench, id) == ["ines", "paul", "rui", "dana"], "li owns the agent")
    }

    @Test func `a delegate who left the group holds no seat, also before the delegation ends`()
        async throws
    {
        let bench = try Bench()
        try bench.pass(from: "ines", to: "dana")
        let client = try await Client.open(bench)
        _ = client.begin("pay")
        let id = try await bench.request().id
        #expect(names(bench, id) == ["paul", "rui", "dana"])
        try await bench.swap([("rui@acme.example, dana@acme.example]", "rui@acme.example]")])
        #expect(names(bench, id) == ["ines", "paul", "rui"])
    }

    @Test func `a policy that lets no seat be passed takes it back at once`() async throws {
        let bench = try Bench()
        try bench.pass(from: "ines", to: "joe")
        let client = try await Client.open(bench)
        _ = client.begin("pay")
        let id = try await bench.request().id
        #expect(names(bench, id) == ["paul", "rui", "dana", "joe"])
        try await bench.swap([
            (
                "dana@acme.example], expires: 30m}",
                "dana@acme.example], expires: 30m, delegates: members}"
            )
        ])
        #expect(names(bench, id) == ["ines", "paul", "rui", "dana"])
    }
}

extension Bench {
    /// Passes a seat in `finance` for an hour, besides those that are passed.
    func pass(from member: String, to delegate: String) throws {
        let book = try #require(people.book)
        let now = clock.now.wall
        let order = try PeopleOrder(
            id: People.order(orderNumber()), org: "acme",
            content: .delegate(
                group: "finance", to: People.all[delegate].person, until: now + .seconds(3600)),
            reason: "on holiday", author: People.all[member].pseudonym, at: now)
        let members = policy.groups["finance"]?.members ?? []
        let delegation = Delegation(
            id: order.id, group: "finance", from: People.all[member].pseudonym,
            to: People.all[delegate].pseudonym, reason: order.reason, made: now,
            expires: now + .seconds(3600),
            isToMember: members.contains(People.all[delegate].person),
            order: try People.all[member].key.envelope(.people, try order.canonical()))
        people.replace(
            with: PeopleDirectory(
                trust: book.trust, delegations: Array(book.delegations.values) + [delegation]))
    }

    /// Ends every delegation.
    func takeBack() {
        guard let book = people.book else { return }
        people.replace(with: PeopleDirectory(trust: book.trust))
    }

    func redecide() async {
        let gateway = gateway
        await approvals.redecide(under: policy, after: policy) { [policy] in
            gateway.stage(of: $0, in: policy)
        }
    }

    var grantEnd: Timestamp { clock.now.wall + .seconds(600) }
}
