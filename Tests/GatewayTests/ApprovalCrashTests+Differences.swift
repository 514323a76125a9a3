import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The store and the log differ after a crash: one of them alone has a step.
extension `Approvals after a death` {
    @Test func `used in the store alone: void, and nothing was or will be sent`() async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let id = try await old.grant("note", [:], to: client, by: "ines")
        old.ledger.refuse(.approvalUsed)
        check(await client.call("note"), .refused(4030, "full"))
        let new = try await Self.after(old)
        #expect(new.approvals[id]?.state == .void)
        #expect(new.approvals[id]?.cause == .restart)
        #expect(new.store[id]?.state == "void")
        #expect(new.ledger.drafts(of: .approvalVoid).last?.fields["code"] == "approval.restart")
        #expect(old.upstreams.sent.isEmpty)
        try await Self.isAskedAnew(new)
    }

    @Test func `that the use is void is said once, also when saying it fails`() async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let id = try await old.grant("note", [:], to: client, by: "ines")
        old.ledger.refuse(.approvalUsed)
        _ = await client.call("note")
        old.ledger.accept()
        old.ledger.refuse(.approvalVoid)
        let second = try Bench(store: old.store, ledger: old.ledger, hasTrail: true)
        try await second.approvals.restore()
        #expect(second.approvals[id] == nil)
        #expect(second.alarmed.contains("approval.unsettled"))
        for _ in 0..<2 {
            let next = try await Self.after(old)
            #expect(next.store[id]?.state == "void")
        }
        #expect(old.ledger.drafts(of: .approvalVoid).count == 1)
    }

    @Test func `behind approval.used: the grant is gone, and no record says it was void`()
        async throws
    {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let id = try await old.grant("note", [:], to: client, by: "ines")
        old.ledger.refuse(.approvalUsed, kept: true)
        check(await client.call("note"), .refused(4030, "full"))
        #expect(old.store[id]?.state == "using")
        let new = try await Self.after(old)
        #expect(new.store[id]?.state == "used")
        #expect(new.ledger.drafts(of: .approvalVoid).isEmpty)
        #expect(old.upstreams.sent.isEmpty)
        try await Self.isAskedAnew(new)
    }

    @Test func `a denial that only the log has holds`() async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let call = client.begin("note")
        let id = try await old.request().id
        _ = await until { old.waiting == 1 }
        old.store.fail(.write(.end(.denied)))
        _ = try await old.vote(.deny, on: id, by: "rui")
        check(await call.answer(), .refused(4031, "denied"))
        #expect(old.store[id]?.state == "pending")
        let new = try await Self.after(old)
        #expect(new.approvals[id]?.state == .denied && new.store[id]?.state == "denied")
        await #expect(throws: ApprovalRefusal.closed(.denied)) {
            try await new.vote(on: id, by: "ines")
        }
        check(try await Client.open(new).call("note"), .refused(4031, "denied"))
        #expect(new.upstreams.sent.isEmpty)
    }

    @Test func `a vote that only the log has was not acknowledged and does not count`() async throws
    {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let call = client.begin("note")
        let id = try await old.request().id
        _ = await until { old.waiting == 1 }
        old.store.fail(.write(.vote(isLast: true)))
        await #expect(throws: ApprovalRefusal.self) { try await old.vote(on: id, by: "ines") }
        call.exchange.close()
        _ = await call.answer()
        let new = try await Self.after(old)
        #expect(new.approvals[id]?.state == .pending)
        #expect(new.approvals[id]?.votes.isEmpty == true)
        let again = try await Client.open(new).begin("note")
        try await new.vote(on: id, by: "ines")
        check(await again.answer(), .text("done"))
    }

    @Test func `a new form that only the log has cannot be shown: void`() async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let call = client.begin("mail")
        let id = try await old.request().id
        _ = await until { old.waiting == 1 }
        old.store.fail(.write(.reissue))
        old.store.fail(.write(.end(.void)))
        try await old.swap([("approvers: finance", "approvers: board")])
        #expect(old.ledger.drafts(of: .approvalReissued).count == 1)
        check(await call.answer(), .refused(4031, "void"))
        #expect(old.store[id]?.state == "pending")
        let new = try await Self.after(old)
        #expect(new.approvals[id]?.state == .void && new.store[id]?.state == "void")
        #expect(new.ledger.drafts(of: .approvalVoid).last?.fields["code"] == "approval.restart")
    }

    @Test func `a new form that both have goes on, start after start`() async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let call = client.begin("mail")
        let id = try await old.request().id
        _ = await until { old.waiting == 1 }
        let other = client.begin("note", ["text": "other"])
        _ = await until { old.waiting == 2 }
        try await old.swap([("approvers: finance", "approvers: board")])
        #expect(old.approvals[id]?.revision == 2)
        for call in [call, other] {
            call.exchange.close()
            _ = await call.answer()
        }
        for _ in 0..<2 {
            let new = try await Self.after(old)
            #expect(new.approvals[id]?.state == .pending)
            #expect(new.approvals[id]?.revision == 2)
            #expect(new.store[id]?.state == "pending")
        }
        #expect(old.ledger.drafts(of: .approvalVoid).isEmpty)
    }

    @Test(arguments: ["denied", "expired"])
    func `an end holds in a process whose store kept what it said it did not`(
        end: String
    ) async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let call = client.begin("note")
        let id = try await old.request().id
        _ = await until { old.waiting == 1 }
        old.store.fail(.write(.vote(isLast: true)), kept: true)
        await #expect(throws: ApprovalRefusal.self) { try await old.vote(on: id, by: "ines") }
        old.store.mend()
        if end == "denied" {
            _ = try await old.vote(.deny, on: id, by: "rui")
        } else {
            old.clock.advance(.seconds(7 * 86_400))
            for _ in 0..<3 { await old.approvals.expire() }
            #expect(old.ledger.drafts(of: .approvalExpired).count == 1)
        }
        #expect(old.approvals[id]?.state.rawValue == end)
        _ = await call.answer()
        let new = try await Self.after(old)
        try await new.approvals.recallEnded()
        #expect(new.approvals[id]?.state.rawValue == end)
        #expect(old.upstreams.sent.isEmpty && new.upstreams.sent.isEmpty)
    }
}
