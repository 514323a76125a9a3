import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The effect of a revocation on open requests, elevations and orders.
@Suite struct `Revocations reach what is open` {
    private func refusal(_ body: () async throws -> Void) async -> ApprovalRefusal? {
        await thrown(body)
    }

    @Test func `a vote by a revoked key is dropped, and another person's is needed`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay")
        let id = try await bench.request().id
        try await bench.vote(on: id, by: "ines")
        try bench.revokeKeys(of: "ines")
        await bench.approvals.followPeople()
        #expect(bench.approvals[id]?.votes.isEmpty == true)
        #expect(try await bench.vote(on: id, by: "paul") == .counted(have: 1, need: 2))
        #expect(
            await refusal { try await bench.vote(on: id, by: "ines") } == .notEligible(.notMember))
        try await bench.vote(on: id, by: "rui")
        check(await call.answer(), .text("done"), "two others")
    }

    /// The revocation has taken effect, but open requests have not been re-evaluated yet.
    @Test func `a vote does not build on one that is about to be dropped`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        _ = client.begin("pay")
        let id = try await bench.request().id
        try await bench.vote(on: id, by: "ines")
        try bench.revokeKeys(of: "ines")
        #expect(try await bench.vote(on: id, by: "paul") == .counted(have: 1, need: 2))
        #expect(bench.approvals[id]?.state == .pending)
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a grant that rests on a revoked key is not used, also before anybody looked`()
        async throws
    {
        for looks in [true, false] {
            let bench = try Bench()
            let client = try await Client.open(bench)
            let id = try await bench.grant("pay", [:], to: client, by: "ines", "paul")
            try bench.revokeKeys(of: "paul")
            if looks {
                await bench.approvals.followPeople()
                #expect(bench.approvals[id]?.state == .void)
            }
            let again = client.begin("pay")
            if looks {
                _ = try await bench.request()
            } else {
                check(await again.answer(), .refused(4031, "not-granted"), "the grant is gone")
                #expect(bench.approvals[id]?.state == .void)
            }
            #expect(bench.upstreams.sent.isEmpty)
        }
    }

    @Test func `a quorum that nobody can reach any more ends the request`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay")
        let id = try await bench.request().id
        try await bench.vote(on: id, by: "ines")
        let voters = try #require(bench.approvals[id]?.voters)
        let stays = try #require(People.names.first { People.all[$0].person == voters[0].person })
        for voter in voters where voter.person != People.all[stays].person {
            let name = try #require(People.names.first { People.all[$0].person == voter.person })
            try bench.revokeKeys(of: name)
        }
        await bench.approvals.followPeople()
        check(await call.answer(), .refused(4031, "void"), "nobody is left")
        #expect(bench.approvals[id]?.cause == .quorumUnreachable)
        #expect(bench.alarmed.contains("approval.unreachable"))
    }

    @Test func `what cannot be recorded as ended is not built on`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        _ = try await bench.grant("pay", [:], to: client, by: "ines", "paul")
        try bench.revokeKeys(of: "paul")
        bench.ledger.refuse(.approvalVoid)
        check(
            await client.begin("pay").answer(), .refused(4031, "not-granted"), "no use of it")
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a revoked key stops nothing more`() async throws {
        let bench = try Bench()
        try bench.revokeKeys(of: "kim")
        let order = try People.all.halt(
            .org, by: "kim", number: bench.orderNumber(), at: bench.clock.now.wall)
        await #expect(throws: OrderRefusal.revokedKey) {
            _ = try await bench.kill.halt(order, source: "test")
        }
        #expect(bench.gateway.halts.halts.active.isEmpty)
    }
}
