import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Approvals for several calls: the same call alone, as often as people were shown (docs/specs/approvals.md, section 9).
@Suite struct ApprovalRepeatTests {
    private static let template = """
        desk.note:
          reversible: "yes"
          repeat: 3
        desk.pay:
          reversible: "yes"
          repeat: 3
        """
    private static let same: JSONObject = ["text": "x"]

    private static func bench(_ policy: [(String, String)] = []) throws -> Bench {
        try Bench(policy: policy, templates: template, hasTrail: true)
    }

    /// A bench after a restart of the gateway of `old`.
    private static func after(_ old: Bench) async throws -> Bench {
        old.store.mend()
        old.ledger.accept()
        let new = try Bench(
            templates: template, store: old.store, ledger: old.ledger, hasTrail: true, seed: 8)
        try await new.approvals.restore()
        return new
    }

    /// Requires that the same call is put to people again.
    private static func isAskedAnew(_ bench: Bench, _ client: Client) async throws {
        let call = client.begin("note", same)
        let request = try await bench.request()
        #expect(request.state == .pending && request.votes.isEmpty)
        _ = await until { bench.waiting == 1 }
        try await bench.vote(.deny, on: request.id, by: "ines")
        check(await call.answer(), .refused(4031, "denied"))
    }

    @Test func `the same call runs as often as people were shown, and no more`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", Self.same, to: client, by: "ines")
        #expect(bench.approvals[id]?.review.facts["repeat"] == 3)
        #expect(bench.ledger.drafts(of: .approvalRequested).last?.fields["uses"] == 3)
        for used in 1...3 {
            check(await client.call("note", Self.same), .text("done"))
            #expect(bench.approvals[id]?.state == (used < 3 ? .approved : .used))
            #expect(bench.approvals[id]?.used == used)
        }
        let uses = bench.ledger.drafts(of: .approvalUsed)
        #expect(Set(uses.compactMap { $0.fields["intent"]?.string }).count == 3)
        #expect(bench.upstreams.sent.count == 3)
        try await Self.isAskedAnew(bench, client)
        #expect(bench.upstreams.sent.count == 3)
    }

    @Test func `another call asks, and takes no use`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", Self.same, to: client, by: "ines")
        let other = client.begin("note", ["text": "y"])
        _ = await until { bench.waiting == 1 }
        let request = try await bench.request()
        try await bench.vote(.deny, on: request.id, by: "ines")
        check(await other.answer(), .refused(4031, "denied"))
        #expect(bench.approvals[id]?.used == 0 && bench.upstreams.sent.isEmpty)
    }

    @Test func `of calls at once each takes a use, and those above find none left`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", Self.same, to: client, by: "ines")
        check(await client.call("note", Self.same), .text("done"))
        let calls = (0..<3).map { _ in client.begin("note", Self.same) }
        // A call that comes after the last use is put to people.
        _ = await until {
            bench.approvals[id]?.state == .used
                && calls.count(where: { $0.exchange.now.isAnswered }) + bench.waiting == 3
        }
        if let asked = bench.approvals.live.first {
            try await bench.vote(.deny, on: asked.id, by: "ines")
        }
        for call in calls { _ = await call.answer() }
        #expect(bench.upstreams.sent.count == 3)
    }

    @Test func `tier high has one use, whatever the template says`() async throws {
        let bench = try Self.bench([
            ("tier: medium", "tier: high"),
            (
                "high: {calls: 1000000/m}",
                "high: {calls: 1000000/m, classes: [read, write, destructive], require: [approvers]}"
            ),
        ])
        let client = try await Client.open(bench)
        let arguments: JSONObject = ["text": "x"]
        let id = try await bench.grant("note", arguments, to: client, by: "ines")
        #expect(bench.approvals[id]?.decision.tier == .high)
        #expect(bench.approvals[id]?.review.uses == 1)
        #expect(bench.approvals[id]?.review.facts["repeat"] == nil)
        check(await client.call("note", arguments), .text("done"))
        #expect(bench.approvals[id]?.state == .used)
    }

    @Test func `a halt, a person who takes it back and time end the uses that are left`()
        async throws
    {
        for end in ["halt", "deny", "time"] {
            let bench = try Self.bench()
            let client = try await Client.open(bench)
            let id = try await bench.grant("note", Self.same, to: client, by: "ines")
            check(await client.call("note", Self.same), .text("done"))
            switch end {
            case "halt": _ = await bench.approvals.change(id, .void(.halted))
            case "deny": try await bench.vote(.deny, on: id, by: "paul")
            default:
                bench.clock.advance(.seconds(601))
                await bench.approvals.expire()
            }
            #expect(bench.approvals[id]?.state == (end == "time" ? .expired : .void), "\(end)")
            try await Self.isAskedAnew(bench, client)
            #expect(bench.upstreams.sent.count == 1, "\(end)")
        }
    }

    @Test func `the uses that are left outlive the process, and no more`() async throws {
        let old = try Self.bench()
        let client = try await Client.open(old)
        let id = try await old.grant("note", Self.same, to: client, by: "ines")
        check(await client.call("note", Self.same), .text("done"))
        let new = try await Self.after(old)
        #expect(new.approvals[id]?.state == .approved && new.approvals[id]?.used == 1)
        let again = try await Client.open(new)
        for _ in 0..<2 { check(await again.call("note", Self.same), .text("done")) }
        #expect(new.approvals[id]?.state == .used)
        try await Self.isAskedAnew(new, again)
        #expect(old.upstreams.sent.count + new.upstreams.sent.count == 3)
    }

    @Test func `a use that the log does not take sends nothing and is lost`() async throws {
        let old = try Self.bench()
        let client = try await Client.open(old)
        let id = try await old.grant("note", Self.same, to: client, by: "ines")
        old.ledger.refuse(.approvalUsed)
        check(await client.call("note", Self.same), .refused(4030, "full"))
        let new = try await Self.after(old)
        #expect(new.approvals[id]?.state == .approved && new.approvals[id]?.used == 1)
        let again = try await Client.open(new)
        for _ in 0..<2 { check(await again.call("note", Self.same), .text("done")) }
        try await Self.isAskedAnew(new, again)
        #expect(old.upstreams.sent.isEmpty && new.upstreams.sent.count == 2)
    }

    @Test func `a use that the store does not take sends nothing`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", Self.same, to: client, by: "ines")
        bench.store.overtake(id)
        check(await client.call("note", Self.same), .refused(4031, "not-granted"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a vote for another number of uses does not count`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        let call = client.begin("note", Self.same)
        let request = try await bench.request()
        let kim = People.all["ines"]
        let nonce = try #require(
            Base64.decodeURL(try await bench.approvals.challenge(request.id, for: kim.pseudonym)))
        for uses in [1, 2, 4] {
            let vote = Vote(
                request: request.id, revision: 1, verdict: .approve, group: request.decision.group,
                quorum: request.decision.quorum, uses: uses, call: request.callDigest,
                policy: request.review.policy, bind: request.bind, expires: request.expires,
                useWithin: request.useWithin, approver: kim.pseudonym, nonce: nonce)
            let envelope = try kim.key.envelope(.vote, try vote.canonical())
            await #expect(throws: ApprovalRefusal.self) {
                try await bench.approvals.vote(envelope)
            }
        }
        #expect(bench.approvals[request.id]?.votes.isEmpty == true)
        try await bench.vote(.deny, on: request.id, by: "paul")
        _ = await call.answer()
    }
}
