import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Calls that wait for people (docs/specs/approvals.md, sections 4 to 6).
@Suite struct `Approvals` {
    @Test func `a quorum of one releases the call`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("note", ["text": "x"])
        let id = try await bench.request().id
        #expect(bench.upstreams.sent.isEmpty)
        try await bench.vote(on: id, by: "ines")
        check(await call.answer(), .text("done"))
        #expect(bench.gateway.counters.approved.value == 1)
        #expect(bench.gateway.counters.allowed.value == 1)
        #expect(
            bench.types.suffix(5) == [
                .callIntent, .approvalRequested, .approvalGranted, .approvalUsed, .callOutcome,
            ])
        #expect(bench.store[id]?.state == "used")
        #expect(bench.upstreams.calls.map(\.arguments) == [Array(#"{"text":"x"}"#.utf8)])
        let used = try #require(bench.ledger.drafts(of: .approvalUsed).last)
        #expect(used.fields["appr"] == .string(id.text))
        #expect(used.fields["grants"]?.array?.count == 1)
        #expect(bench.ledger.drafts(of: .callIntent).last?.fields["need"] == 1)
        #expect(bench.ledger.drafts(of: .callIntent).last?.fields["dl"] == "D1")
    }

    @Test func `a quorum of two takes two people, not one person twice`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay", ["n": 42])
        let id = try await bench.request().id
        #expect(try await bench.vote(on: id, by: "paul") == .counted(have: 1, need: 2))
        await #expect(throws: ApprovalRefusal.alreadyVoted) {
            try await bench.vote(on: id, by: "paul")
        }
        #expect(bench.upstreams.sent.isEmpty)
        guard case .granted = try await bench.vote(on: id, by: "rui") else {
            Issue.record("two people are enough")
            return
        }
        check(await call.answer(), .text("done"))
        #expect(bench.ledger.drafts(of: .approvalGranted).map { $0.fields["i"] } == [1, 2])
        #expect(
            bench.ledger.drafts(of: .approvalUsed).last?.fields["grants"]?.array?.count == 2)
    }

    @Test func `one deny ends it, whatever was approved, and for the whole run`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay", ["n": 42])
        let id = try await bench.request().id
        try await bench.vote(on: id, by: "paul")
        try await bench.vote(.deny, on: id, by: "rui")
        check(await call.answer(), .refused(4031, "denied"))
        await bench.check(.refused(4031, "denied"), records: [.callIntent, .callDenied]) {
            await client.call("pay", ["n": 42])
        }
        await #expect(throws: ApprovalRefusal.closed(.denied)) {
            try await bench.vote(on: id, by: "ines")
        }
        #expect(bench.upstreams.sent.isEmpty)
        let other = client.begin("pay", ["n": 43])
        let next = try await bench.request()
        #expect(next.id != id, "other arguments are another question")
        try await bench.vote(.deny, on: next.id, by: "ines")
        check(await other.answer(), .refused(4031, "denied"))
    }

    @Test func `nobody answers: expired, asked three times, then no more`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        for round in 1...3 {
            let call = client.begin("note")
            let id = try await bench.request().id
            _ = await until { bench.waiting == 1 }
            bench.clock.advance(.seconds(30 * 60 - 1))
            await bench.approvals.expire()
            #expect(bench.approvals[id]?.state == .pending, "round \(round)")
            bench.clock.advance(.seconds(1))
            await bench.approvals.expire()
            check(await call.answer(), .refused(4031, "expired"))
            #expect(bench.ledger.drafts(of: .approvalExpired).count == round)
        }
        await bench.check(.refused(4031, "expired"), records: [.callIntent, .callDenied]) {
            await client.call("note")
        }
    }

    @Test func `a grant that nobody uses expires`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", [:], to: client, by: "ines")
        bench.clock.advance(.seconds(600))
        let call = client.begin("note")
        let again = try await bench.request()
        #expect(again.id != id)
        #expect(bench.approvals[id]?.state == .expired)
        #expect(bench.ledger.drafts(of: .approvalExpired).last?.fields["code"] == "approval.unused")
        try await bench.vote(on: again.id, by: "ines")
        check(await call.answer(), .text("done"))
        #expect(bench.upstreams.sent.count == 1)
    }

    @Test func `a clock set back lengthens nothing`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", [:], to: client, by: "ines")
        bench.clock.advance(.seconds(599))
        await bench.approvals.expire()
        bench.clock.advance(.seconds(1))
        await bench.approvals.expire()
        bench.clock.advance(.seconds(-600))
        #expect(bench.approvals[id]?.state == .expired)
    }

    @Test func `a deny after the grant revokes it`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", [:], to: client, by: "ines")
        #expect(try await bench.vote(.deny, on: id, by: "dana") == .void(.revoked))
        #expect(bench.store[id]?.state == "void")
        let record = try #require(bench.ledger.drafts(of: .approvalVoid).last)
        #expect(record.fields["code"] == "approval.revoked" && record.fields["via"] == "cli-key")
        #expect(record.fields["by"]?.string != nil)
        #expect(record.payloads.map(\.field) == ["proof"])
        let call = client.begin("note")
        let again = try await bench.request()
        #expect(again.id != id)
        try await bench.vote(.deny, on: again.id, by: "dana")
        check(await call.answer(), .refused(4031, "denied"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a grant is used once`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", ["n": 1], to: client, by: "ines")
        await bench.check(
            .text("done"), records: [.callIntent, .approvalUsed, .callOutcome], sent: 1
        ) { await client.call("note", ["n": 1]) }
        #expect(bench.approvals[id]?.state == .used)
        let call = client.begin("note", ["n": 1])
        let again = try await bench.request()
        #expect(again.id != id)
        try await bench.vote(.deny, on: again.id, by: "dana")
        _ = await call.answer()
        #expect(bench.upstreams.sent.count == 1)
    }

    @Test func `a grant is for its arguments, run, agent and person alone`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", ["n": 1], to: client, by: "ines")
        let others: [(Client, JSONObject)] = [
            (client, ["n": 2]), (client, [:]),
            (try await Client.open(bench, as: "clerk#2"), ["n": 1]),
            (try await Client.open(bench, as: "clerk+eve@acme.example"), ["n": 1]),
        ]
        for (other, arguments) in others {
            let call = other.begin("note", arguments)
            let question = try await bench.request()
            #expect(question.id != id)
            try await bench.vote(.deny, on: question.id, by: "dana")
            check(await call.answer(), .refused(4031, "denied"))
        }
        #expect(bench.upstreams.sent.isEmpty)
        // A different order of members is the same call.
        await bench.check(.text("done"), sent: 1) { await client.call("note", ["n": 1]) }
    }

    @Test func `equal calls of one run join one question, and one of them runs`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let calls = (0..<5).map { _ in client.begin("note", ["n": 1, "text": "t"]) }
        _ = await until { bench.waiting == 5 }
        let id = try await bench.request().id
        #expect(bench.ledger.drafts(of: .approvalRequested).count == 1)
        try await bench.vote(on: id, by: "ines")
        var answers: [Expected?] = []
        for call in calls { answers.append(Expected(await call.answer())) }
        #expect(answers.count { $0 == .text("done") } == 1)
        #expect(answers.count { $0 == .refused(4031, "not-granted") } == 4)
        #expect(bench.upstreams.sent.count == 1)
        #expect(bench.ledger.drafts(of: .approvalUsed).count == 1)
    }

    @Test func `no answer in time: pending, and the repeat uses what was approved`() async throws {
        let bench = try Bench { $0.hold = .milliseconds(20) }
        let client = try await Client.open(bench)
        let exchange = await client.call("note")
        check(exchange, .refused(4032, "pending"))
        #expect(exchange.now.isStream)
        let decision = exchange.message?["result"]?["_meta"]?["interlock/decision"]
        let id = try await bench.request().id
        #expect(decision?["approvalId"] == .string(id.shown))
        #expect(decision?["retryAfterMs"] == 20_000)
        #expect(bench.ledger.drafts(of: .callDenied).last?.fields["code"] == "approval.pending")
        try await bench.vote(on: id, by: "ines")
        await bench.check(.text("done"), sent: 1) { await client.call("note") }
    }

    @Test func `a client that goes away leaves its question open`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("note")
        let id = try await bench.request().id
        _ = await until { bench.waiting == 1 }
        call.exchange.close()
        _ = await call.answer()
        #expect(bench.approvals[id]?.state == .pending)
        #expect(bench.waiting == 0)
        #expect(bench.ledger.drafts(of: .callDenied).count == 1)
    }

    @Test func `a client that cancels withdraws its question`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("note")
        let id = try await bench.request().id
        _ = await until { bench.waiting == 1 }
        check(
            await client.send("notifications/cancelled", id: nil, ["requestId": .integer(call.id)]),
            .http(202))
        check(await call.answer(), .refused(4031, "withdrawn"))
        #expect(bench.approvals[id]?.state == .withdrawn)
        #expect(bench.store[id]?.state == "withdrawn")
        #expect(bench.ledger.drafts(of: .approvalWithdrawn).count == 1)
        await #expect(throws: ApprovalRefusal.closed(.withdrawn)) {
            try await bench.vote(on: id, by: "ines")
        }
    }

    @Test func `a client that goes away after the grant has not cancelled its call`() async throws {
        let bench = try Bench()
        let gate = Gate()
        bench.upstreams.answer(after: gate)
        let client = try await Client.open(bench)
        let call = client.begin("note")
        try await bench.vote(on: try await bench.request().id, by: "ines")
        _ = await until { bench.upstreams.sent.count == 1 }
        call.exchange.close()
        #expect(bench.upstreams.calls.first?.cancel.cause == nil)
        gate.open()
        _ = await call.answer()
        #expect(bench.ledger.drafts(of: .callOutcome).last?.fields["st"] == "ok")
    }

    @Test func `too many open questions of one agent are refused`() async throws {
        let bench = try Bench(limits: ApprovalTable.Limits(pendingOfAgent: 3))
        let client = try await Client.open(bench)
        let calls = (0..<3).map { client.begin("note", ["n": .integer(Int64($0))]) }
        _ = await until { bench.waiting == 3 }
        await bench.check(.refused(4290, "too-many-pending"), records: [.callIntent, .callDenied]) {
            await client.call("note", ["n": 9])
        }
        try await bench.halt(.org)
        for call in calls { check(await call.answer(), .refused(4230, "halted")) }
    }
}

/// Eligible voters and the credentials that they may use.
@Suite struct `Votes` {
    private static func asked(
        _ tool: String = "pay", as bearer: String = "clerk"
    ) async throws -> (Bench, Client.Call, ApprovalRequest) {
        let bench = try Bench()
        let client = try await Client.open(bench, as: bearer)
        let call = client.begin(tool)
        let request = try await bench.request()
        _ = await until { bench.waiting == 1 }
        return (bench, call, request)
    }

    private static func end(_ bench: Bench, _ call: Client.Call) async throws {
        try await bench.halt(.org)
        _ = await call.answer()
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `people outside the group, the owner and strangers get no nonce`() async throws {
        let (bench, call, request) = try await Self.asked()
        for name in ["eve", "li", "kim", "mallory"] {
            await #expect(throws: ApprovalRefusal.notEligible(.notMember)) {
                try await bench.approvals.challenge(
                    request.id, for: People.all[name].pseudonym)
            }
        }
        try await Self.end(bench, call)
    }

    @Test func `the person on whose behalf the call is made has no vote`() async throws {
        let (bench, call, request) = try await Self.asked(as: "clerk+paul@acme.example")
        #expect(!request.voters.contains { $0.person == People.all["paul"].person })
        #expect(request.review.call.subject == People.all["paul"].pseudonym)
        await #expect(throws: ApprovalRefusal.notEligible(.notMember)) {
            try await bench.vote(on: request.id, by: "paul")
        }
        try await Self.end(bench, call)
    }

    @Test func `a nonce is one person's, for one request, once, for five minutes`() async throws {
        let (bench, call, request) = try await Self.asked()
        let service = bench.approvals
        let people = People.all
        func send(_ nonce: String, by name: String) async throws {
            _ = try await service.vote(
                try people.vote(on: request, .approve, by: name, nonce: nonce))
        }
        let invented = Base64.encodeURL([UInt8](repeating: 9, count: 32))
        await #expect(throws: ApprovalRefusal.nonceSpent) { try await send(invented, by: "ines") }
        let pauls = try await service.challenge(request.id, for: people["paul"].pseudonym)
        await #expect(throws: ApprovalRefusal.nonceSpent) { try await send(pauls, by: "ines") }
        let old = try await service.challenge(request.id, for: people["ines"].pseudonym)
        bench.clock.advance(.seconds(300))
        await #expect(throws: ApprovalRefusal.nonceSpent) { try await send(old, by: "ines") }
        let good = try await service.challenge(request.id, for: people["ines"].pseudonym)
        try await send(good, by: "ines")
        await #expect(throws: ApprovalRefusal.nonceSpent) { try await send(good, by: "ines") }
        #expect(service[request.id]?.votes.count == 1)
        #expect(bench.alarmed.filter { $0 == "approval.vote_refused" }.count == 4)
        try await Self.end(bench, call)
    }

    @Test func `while nonces cannot be read nobody votes, and nothing is on record`() async throws {
        let issued = Breakable(OneNodeRegistry(VoteNonceRegistry()))
        let bench = try Bench(issued: issued)
        let call = try await Client.open(bench).begin("note")
        let request = try await bench.request()
        let service = bench.approvals
        let ines = People.all["ines"].pseudonym
        let nonce = try await service.challenge(request.id, for: ines)
        issued.isBroken = true
        await #expect(throws: ApprovalRefusal.notRecorded("store")) {
            try await service.challenge(request.id, for: ines)
        }
        let vote = try People.all.vote(on: request, .approve, by: "ines", nonce: nonce)
        await #expect(throws: ApprovalRefusal.notRecorded("store")) { try await service.vote(vote) }
        #expect(service[request.id]?.votes.isEmpty == true)
        #expect(bench.ledger.drafts(of: .approvalGranted).isEmpty && bench.upstreams.sent.isEmpty)
        issued.isBroken = false
        _ = try await service.vote(vote)
        check(await call.answer(), .text("done"))
    }

    @Test func `a signature of somebody else, or over something else, does not count`() async throws
    {
        let (bench, call, request) = try await Self.asked()
        let service = bench.approvals
        let nonce = try await service.challenge(request.id, for: People.all["ines"].pseudonym)
        let good = try People.all.vote(on: request, .approve, by: "ines", nonce: nonce)
        for name in ["paul", "mallory", "eve"] {
            let forged = try People.all.foreign(good, by: name)
            await #expect(throws: ApprovalRefusal.badSignature) { try await service.vote(forged) }
        }
        let deny = try People.all.vote(on: request, .deny, by: "ines", nonce: nonce)
        let swapped = Envelope(
            payloadType: .vote, payload: good.payload, signatures: deny.signatures)
        await #expect(throws: ApprovalRefusal.badSignature) { try await service.vote(swapped) }
        let other = Envelope(
            payloadType: .halt, payload: good.payload, signatures: good.signatures)
        await #expect(throws: ApprovalRefusal.self) { try await service.vote(other) }
        #expect(service[request.id]?.votes.isEmpty == true)
        _ = try await service.vote(good)
        #expect(service[request.id]?.votes.count == 1, "none of them spent the nonce")
        try await Self.end(bench, call)
    }

    @Test func `a vote about another form of the request does not count`() async throws {
        let (bench, call, request) = try await Self.asked()
        let service = bench.approvals
        let nonce = try await service.challenge(request.id, for: People.all["ines"].pseudonym)
        let ines = People.all["ines"].pseudonym
        let bytes = try #require(Base64.decodeURL(nonce))
        let changed = Vote(
            request: request.id, revision: 1, verdict: .approve, group: request.decision.group,
            quorum: 1, uses: 1, call: request.callDigest, policy: request.review.policy,
            bind: request.bind, expires: request.expires, useWithin: request.useWithin,
            approver: ines, nonce: bytes)
        let envelope = try People.all["ines"].key.envelope(.vote, try changed.canonical())
        await #expect(throws: ApprovalRefusal.digestMismatch) { try await service.vote(envelope) }
        try await Self.end(bench, call)
    }
}
