import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Votes by passkey: the counter is stored first, then the vote counts.
@Suite struct PasskeyVoteTests {
    private func refusal(_ body: () async throws -> Void) async -> ApprovalRefusal? {
        await thrown(body)
    }

    private struct Held {
        let bench: Bench
        let passkeys: Passkeys
        let call: Client.Call
        let id: ApprovalID

        func vote(_ proof: VoteProof) async throws -> ApprovalAction {
            try await bench.approvals.vote(proof)
        }
    }

    private func held() async throws -> Held {
        let passkeys = Passkeys("ines", "paul")
        let bench = try Bench(passkeys: passkeys)
        let client = try await Client.open(bench)
        let call = client.begin("pay")
        return Held(
            bench: bench, passkeys: passkeys, call: call, id: try await bench.request().id)
    }

    @Test func `two people by passkey release one call`() async throws {
        let held = try await held()
        let bench = held.bench
        #expect(
            try await held.vote(try await bench.assertion(on: held.id, by: "ines"))
                == .counted(have: 1, need: 2))
        #expect(held.passkeys.counter(of: "ines") == 8)
        _ = try await held.vote(try await bench.assertion(on: held.id, by: "paul", counter: 9))
        check(await held.call.answer(), .text("done"), "two people")
        let granted = bench.ledger.drafts.filter { $0.type == .approvalGranted }
        #expect(
            granted.map { $0.fields["via"]?.string } == ["console-webauthn", "console-webauthn"])
    }

    @Test func `an assertion is taken once, and for what it was made`() async throws {
        let held = try await held()
        let proof = try await held.bench.assertion(on: held.id, by: "ines")
        _ = try await held.vote(proof)
        #expect(await refusal { _ = try await held.vote(proof) } != nil)
        guard case .passkey(_, let assertion) = proof,
            case .passkey(let other, _) = try await held.bench.assertion(on: held.id, by: "ines")
        else {
            Issue.record("another kind of proof")
            return
        }
        #expect(
            await refusal { _ = try await held.vote(.passkey(statement: other, assertion)) }
                == .badAssertion(.wrongChallenge))
        #expect(held.bench.approvals[held.id]?.votes.count == 1)
    }

    @Test func `a counter that went back suspends the passkey and counts for nothing`()
        async throws
    {
        let held = try await held()
        let proof = try await held.bench.assertion(on: held.id, by: "ines", counter: 7)
        #expect(
            await refusal { _ = try await held.vote(proof) } == .badAssertion(.counterWentBack))
        #expect(held.passkeys.suspended == [Passkeys.id(of: "ines")])
        #expect(held.bench.alarmed.contains("passkey.counter_went_back"))
        #expect(held.bench.approvals[held.id]?.votes.isEmpty == true)
    }

    @Test func `a vote that is sent again suspends nobody`() async throws {
        let held = try await held()
        let proof = try await held.bench.assertion(on: held.id, by: "ines")
        _ = try await held.vote(proof)
        #expect(
            await refusal { _ = try await held.vote(proof) } == .badAssertion(.counterWentBack))
        #expect(held.passkeys.suspended.isEmpty)
        #expect(held.bench.approvals[held.id]?.votes.count == 1)
    }

    @Test func `a vote whose counter another was faster to take, or nobody keeps, is none`()
        async throws
    {
        let slower = try await held()
        slower.passkeys.beSlower()
        #expect(
            await refusal {
                _ = try await slower.vote(
                    try await slower.bench.assertion(on: slower.id, by: "ines"))
            } == .badAssertion(.counterWentBack))
        let failing = try await held()
        failing.passkeys.fail()
        #expect(
            await refusal {
                _ = try await failing.vote(
                    try await failing.bench.assertion(on: failing.id, by: "ines"))
            } == .notRecorded("store"))
        for one in [slower, failing] {
            #expect(one.bench.approvals[one.id]?.votes.isEmpty == true)
            #expect(!one.bench.types.contains(.approvalGranted))
        }
    }

    @Test func `a vote by a passkey that is suspended while its request waits is dropped`()
        async throws
    {
        let held = try await held()
        let bench = held.bench
        _ = try await held.vote(try await bench.assertion(on: held.id, by: "ines"))
        let trust = try #require(bench.people.trust)
        bench.people.replace(with: PeopleDirectory(trust: trust))
        await bench.approvals.followPeople()
        #expect(bench.approvals[held.id]?.votes.isEmpty == true)
        #expect(bench.upstreams.sent.isEmpty)
    }
}
