import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Requests that one signature approves, from stage 1 on (docs/specs/trust-and-review.md, section 2).
@Suite(.requirement("R062")) struct ApprovalBatchTests {
    private func pending(_ count: Int, _ bench: Bench) async throws -> [ApprovalRequest] {
        _ = await until { bench.approvals.live.count { $0.state == .pending } == count }
        let live = bench.approvals.live.filter { $0.state == .pending }
        try #require(live.count == count)
        return live.sorted { $0.id.text < $1.id.text }
    }

    private func batch(
        _ requests: [ApprovalRequest], _ bench: Bench, by name: String = "ines"
    ) async throws -> Envelope {
        let approver = People.all[name].pseudonym
        var votes: [Vote] = []
        for request in requests {
            let nonce = try await bench.approvals.challenge(request.id, for: approver)
            votes.append(
                Vote(
                    on: request, .approve, approver: approver,
                    nonce: try #require(Base64.decodeURL(nonce))))
        }
        let batch = try #require(BatchVote(votes))
        return try People.all[name].key.envelope(.batch, try batch.canonical())
    }

    private func submit(
        _ envelope: Envelope, _ bench: Bench, stage: Int = 1
    ) async throws -> [BatchedResult] {
        let autonomy = try #require(TrustStageAssignment(stage))
        return try await bench.approvals.vote(batch: envelope) { _, _ in
            BatchFacts(autonomy: autonomy, sends: false)
        }
    }

    @Test func `one signature releases each of the calls, and each has a record of its own`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let (one, two) = (client.begin("note", ["text": "x"]), client.begin("note", ["text": "y"]))
        let requests = try await pending(2, bench)
        let envelope = try await batch(requests, bench)
        let results = try await submit(envelope, bench)
        #expect(results.map(\.request) == requests.map(\.id))
        for one in results {
            guard case .success(.granted) = one.result else {
                Issue.record("\(one.result)")
                continue
            }
        }
        check(await one.answer(), .text("done"))
        check(await two.answer(), .text("done"))
        let granted = bench.ledger.drafts(of: .approvalGranted)
        #expect(granted.count == 2 && granted.allSatisfy { $0.fields["via"] == "cli-key" })
        #expect(Set(granted.compactMap { $0.fields["appr"]?.string }).count == 2)
        // The same signature counts once.
        let again = try await submit(envelope, bench)
        #expect(again.allSatisfy { if case .failure = $0.result { true } else { false } })
        #expect(bench.upstreams.sent.count == 2)
    }

    @Test func `at stage 0 each call is approved by itself, and nothing was counted`() async throws
    {
        let bench = try Bench(stage: 0)
        let client = try await Client.open(bench)
        let calls = [client.begin("note", ["text": "x"]), client.begin("note", ["text": "y"])]
        let requests = try await pending(2, bench)
        let envelope = try await batch(requests, bench)
        await #expect(throws: ApprovalRefusal.notBatched(.stage)) {
            try await submit(envelope, bench, stage: 0)
        }
        // A vote of the batch is none by itself.
        let proof = VoteProof.batch(try BatchedVote(envelope, of: requests[0].id))
        await #expect(throws: ApprovalRefusal.digestMismatch) {
            try await bench.approvals.vote(proof)
        }
        #expect(bench.upstreams.sent.isEmpty && bench.approvals.pendingCount == 2)
        #expect(bench.ledger.drafts(of: .approvalGranted).isEmpty)
        for request in requests { try await bench.vote(on: request.id, by: "ines") }
        for call in calls { check(await call.answer(), .text("done")) }
    }

    @Test func `calls of different tools, and graver ones, are not approved together`() async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let calls = [
            client.begin("note", ["text": "x"]), client.begin("mail", ["text": "y"]),
            client.begin("mail", ["text": "z"]),
        ]
        let requests = try await pending(3, bench)
        let mails = requests.filter { $0.review.call.address.tool.text == "mail" }
        let all = try await batch(requests, bench)
        await #expect(throws: ApprovalRefusal.notBatched(.tool)) { try await submit(all, bench) }
        let grave = try await batch(mails, bench)
        await #expect(throws: ApprovalRefusal.notBatched(.effects)) {
            try await submit(grave, bench)
        }
        for request in requests { try await bench.vote(.deny, on: request.id, by: "ines") }
        for call in calls { _ = await call.answer() }
        #expect(bench.upstreams.sent.isEmpty)
    }
}
