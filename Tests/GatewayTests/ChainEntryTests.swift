import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The entries of the control chain that records of calls name (docs/specs/cluster.md, section 7).
@Suite(.requirement("R071")) struct `Entries of the control chain in records of calls` {
    /// One call of each outcome: allowed, denied by the policy, denied before a decision, approved by a person.
    private func records(of bench: Bench) async throws -> [RecordDraft] {
        let client = try await Client.open(bench)
        check(await client.call("look"), .text("done"))
        check(await client.call("audit"), .refused(4030, "guard-false"))
        check(await client.call("unheard"), .error(-32602))
        _ = try await bench.grant("note", [:], to: client, by: "ines")
        check(await client.call("note"), .text("done"))
        return bench.ledger.drafts
    }

    @Test func `a decision and a vote name the newest entry, and a use its own`() async throws {
        let node = FakeNode()
        node.apply(7)
        let bench = try Bench(node: node)
        bench.store.enter(uses: [FakeNode.entry(9)])
        let records = try await records(of: bench)
        for type in [RecordType.callIntent, .callDenied] {
            let named = records.filter { $0.type == type }.map { $0.fields["ctl"] }
            #expect(named.count >= 2)
            #expect(named.allSatisfy { $0 == FakeNode.entry(7).json }, "\(type)")
        }
        let votes = records.filter { $0.type == .approvalGranted }
        #expect(votes.map { $0.fields["ctl"] } == [FakeNode.entry(7).json])
        let uses = records.filter { $0.type == .approvalUsed }
        #expect(uses.map { $0.fields["ctl"] } == [FakeNode.entry(9).json])
    }

    @Test func `the form of an entry in records`() {
        let entry = ChainReference(number: 12, digest: Digest(words: (1, 2, 3, 4)))
        #expect(
            entry.json
                == ["digest": .string(Digest(words: (1, 2, 3, 4)).base64), "n": .integer(12)])
        var fields: JSONObject = ["code": "a"]
        fields.name(nil)
        #expect(fields == ["code": "a"])
        fields.name(entry)
        #expect(fields == ["code": "a", "ctl": entry.json])
    }

    /// All fields are those of one node, in their order, and there is no `ctl`.
    @Test func `the records of one node have no entry, and are the same otherwise`() async throws {
        let alone = try await records(of: try Bench())
        #expect(alone.allSatisfy { $0.fields["ctl"] == nil })
        let bench = try Bench(node: FakeNode())
        bench.store.enter(uses: [FakeNode.entry(9)])
        let member = try await records(of: bench)
        for type in Set(alone.map(\.type)) {
            let ones = alone.filter { $0.type == type }
            let others = member.filter { $0.type == type }
            #expect(ones.count == others.count, "\(type)")
            for (one, other) in zip(ones, others) {
                var fields = other.fields
                fields["ctl"] = nil
                #expect(one.fields.members.map(\.key) == fields.members.map(\.key), "\(type)")
                #expect(one.payloads.map(\.field) == other.payloads.map(\.field), "\(type)")
            }
        }
    }

    @Test func `a call is refused under another policy than that of the revision in force`()
        async throws
    {
        let node = FakeNode()
        let bench = try Bench(node: node)
        let client = try await Client.open(bench)
        node.apply(8, policy: Digest(words: (1, 1, 1, 1)))
        await bench.check(.refused(4030, "revision"), records: [.callDenied]) {
            await client.call("look")
        }
        // The record has the policy that decided, so it names no entry at which another one is in force.
        let denied = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denied.fields["pol"] == .string(bench.policy.digest.base64))
        #expect(denied.fields["ctl"] == nil)
    }

    @Test func `a call whose use has no entry is recorded without one, and not sent`() async throws
    {
        let bench = try Bench(node: FakeNode())
        let client = try await Client.open(bench)
        _ = try await bench.grant("note", [:], to: client, by: "ines")
        await bench.check(
            .refused(4031, "not-granted"), records: [.callIntent, .approvalUsed, .callDenied]
        ) { await client.call("note") }
        let used = try #require(bench.ledger.drafts(of: .approvalUsed).last)
        #expect(used.fields["ctl"] == nil)
    }

    @Test func `a use names the log of a vote that another node has recorded`() async throws {
        let bench = try Bench(node: FakeNode())
        let client = try await Client.open(bench)
        let id = try await bench.grant("pay", [:], to: client, by: "ines", "rui")
        let votes = bench.approvals.state.withLock { $0.votes[id] ?? [] }
        try #require(votes.count == 2)
        bench.store.enter(
            uses: [FakeNode.entry(9)], origins: [votes[1]: ExactText("acme.example/gw2/1")])
        check(await client.call("pay"), .text("done"))
        let used = try #require(bench.ledger.drafts(of: .approvalUsed).last)
        #expect(
            used.fields["grants"] == [
                ["h": .string(votes[0].base64)],
                ["h": .string(votes[1].base64), "o": "acme.example/gw2/1"],
            ])
    }

    @Test func `a halt that came here first has no entry yet, and one that the chain has names it`()
        async throws
    {
        let halts = FakeClusterHalts()
        let bench = try Bench(halted: halts)
        let first = try People.all.halt(.org, by: "kim", number: 1, at: bench.clock.now.wall)
        let second = try People.all.halt(.org, by: "joe", number: 2, at: bench.clock.now.wall)
        halts.chain(second, at: FakeNode.entry(5))
        for halt in [first, second] { _ = try await bench.kill.halt(halt, source: "cli") }
        let requested = bench.ledger.drafts(of: .killRequested)
        #expect(requested.map { $0.fields["ctl"] } == [nil, FakeNode.entry(5).json])
        #expect(halts.shared == [first, second])
    }

    @Test func `a release names its entry, where it was signed and on each node that follows it`()
        async throws
    {
        let halts = FakeClusterHalts()
        let (one, two) = (try Bench(halted: halts), try Bench(halted: FakeClusterHalts()))
        let halt = try People.all.halt(.org, by: "kim", number: 1, at: one.clock.now.wall)
        for bench in [one, two] { _ = try await bench.kill.halt(halt, source: "cli") }
        let first = try People.all.release([People.order(1)], after: 0, by: "kim", number: 3)
        let second = try People.all.release([People.order(1)], after: 0, by: "joe", number: 3)
        _ = try await one.kill.propose(first)
        _ = try await one.kill.confirm(People.order(3), second)
        let release = try #require(halts.released.first)
        await two.kill.follow(release: release)
        // The chain brings it to the first node too, which has recorded it.
        await one.kill.follow(release: release)
        for bench in [one, two] {
            let records = bench.ledger.drafts(of: .killReleased)
            #expect(records.map { $0.fields["ctl"] } == [release.entry.json])
            #expect(bench.gateway.halts.halts.active.isEmpty)
        }
    }

    @Test func `on one node halts and releases name no entry`() async throws {
        let bench = try Bench()
        let report = try await bench.halt(.org)
        try await bench.release(report.order.id)
        for type in [RecordType.killRequested, .killReleased] {
            let records = bench.ledger.drafts(of: type)
            #expect(records.count == 1 && records.allSatisfy { $0.fields["ctl"] == nil })
        }
    }
}
