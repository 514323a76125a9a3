import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGovernor

/// The process crashes at each step of an approval (docs/specs/approvals.md, section 5): checks what the next process
/// finds in store and log, and that no call is sent wrongly. A step that fails without being stored simulates a crash
/// before it; one that fails although stored, a crash after it.
@Suite struct `Approvals after a death` {
    /// The next process, on the state that the previous one left on disk.
    private static func after(_ old: Bench) async throws -> Bench {
        old.store.mend()
        old.ledger.accept()
        let new = try Bench(store: old.store, ledger: old.ledger, hasTrail: true)
        try await new.approvals.restore()
        return new
    }

    private static func isAskedAnew(_ bench: Bench, _ tool: String = "note") async throws {
        let client = try await Client.open(bench)
        let call = client.begin(tool)
        let request = try await bench.request()
        #expect(request.state == .pending && request.votes.isEmpty)
        _ = await until { bench.waiting == 1 }
        try await bench.halt(.org)
        _ = await call.answer()
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test(arguments: [false, true])
    func `around approval.requested: no request, and it can be asked anew`(
        isKept: Bool
    ) async throws {
        let old = try Bench(hasTrail: true)
        old.ledger.refuse(.approvalRequested, kept: isKept)
        _ = try await Client.open(old).call("note")
        let new = try await Self.after(old)
        #expect(new.approvals.live.isEmpty && old.upstreams.sent.isEmpty)
        try await Self.isAskedAnew(new)
    }

    @Test func `what a person denied in a run stays denied in it`() async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let call = client.begin("note", ["text": "x"])
        let request = try await old.request()
        try await old.vote(.deny, on: request.id, by: "ines")
        check(await call.answer(), .refused(4031, "denied"))
        let new = try await Self.after(old)
        let table = new.approvals.state.withLock(\.table)
        let same = request.review.call
        guard
            case .refuse(let refusal) = table.answer(
                to: request.callDigest, run: same.run, agent: same.agent)
        else {
            Issue.record("it would be asked again")
            return
        }
        #expect(refusal.rule.leafText.contains("denied") || refusal.code.contains("denied"))
        let other = RunID(milliseconds: 9, random: [UInt8](repeating: 9, count: 10))
        #expect(table.answer(to: request.callDigest, run: other, agent: same.agent) == .ask)
    }

    @Test func `what ended before is shown, grants nothing, and counts once`() async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let used = try await old.grant("note", [:], to: client, by: "ines")
        check(await client.call("note"), .text("done"))
        let call = client.begin("note", ["text": "x"])
        let denied = try await old.request().id
        try await old.vote(.deny, on: denied, by: "ines")
        check(await call.answer(), .refused(4031, "denied"))
        let changed = try await old.grant("note", ["text": "y"], to: client, by: "ines")
        check(await client.call("note", ["text": "y"]), .text("done"))
        try old.store.tamper(changed) { body in
            var request = body["request"]?.object ?? [:]
            request["salt"] = .string(Base64.encode([UInt8](repeating: 7, count: 32)))
            return ["request": .object(request), "votes": body["votes"] ?? []]
        }
        let new = try await Self.after(old)
        #expect(new.approvals.ended.isEmpty)
        try await new.approvals.recallEnded()
        try await new.approvals.recallEnded()
        #expect(new.approvals[used]?.state == .used)
        #expect(new.approvals[used]?.votes.count == 1)
        #expect(new.approvals[denied]?.state == .denied)
        #expect(new.approvals[changed] == nil, "not as it was written")
        #expect(new.alarmed.contains("approval.past"))
        #expect(new.approvals.ended.count == 2)
        try await Self.isAskedAnew(new)
    }

    @Test(arguments: [false, true])
    func `while pending or approved: the request goes on`(isApproved: Bool) async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let id: ApprovalID
        if isApproved {
            id = try await old.grant("note", [:], to: client, by: "ines")
        } else {
            let call = client.begin("note")
            id = try await old.request().id
            _ = await until { old.waiting == 1 }
            call.exchange.close()
            _ = await call.answer()
        }
        let new = try await Self.after(old)
        #expect(new.approvals[id]?.state == (isApproved ? .approved : .pending))
        let call = try await Client.open(new).begin("note")
        if !isApproved { try await new.vote(on: id, by: "ines") }
        check(await call.answer(), .text("done"))
        #expect(new.upstreams.sent.count == 1)
    }

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
        old.store.fail(.replace("denied"))
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
        old.store.fail(.replace("approved"))
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
        old.store.fail(.replace("pending"))
        old.store.fail(.replace("void"))
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
        old.store.fail(.replace("approved"), kept: true)
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
        #expect(new.approvals[id]?.state.rawValue == end)
        #expect(old.upstreams.sent.isEmpty && new.upstreams.sent.isEmpty)
    }

    @Test func `when the log cannot be read nothing is taken back`() async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        _ = try await old.grant("note", [:], to: client, by: "ines")
        let new = try Bench(store: old.store, ledger: old.ledger, hasTrail: true, trailFails: true)
        await #expect(throws: StoreFailure.self) { try await new.approvals.restore() }
        #expect(new.approvals.live.isEmpty)
    }

    @Test(arguments: [false, true])
    func `a policy that changed meanwhile: shown anew, a grant is void`(
        isApproved: Bool
    ) async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let id: ApprovalID
        if isApproved {
            id = try await old.grant("note", [:], to: client, by: "ines")
        } else {
            let call = client.begin("note")
            id = try await old.request().id
            _ = await until { old.waiting == 1 }
            call.exchange.close()
            _ = await call.answer()
        }
        let new = try await Self.after(old)
        let gateway = new.gateway
        let stage: @Sendable (AgentName) -> TrustStage = { gateway.stage(of: $0, in: new.policy) }
        await new.approvals.redecideRestored(under: new.policy, stage: stage)
        #expect(new.approvals[id]?.revision == 1, "the same policy")
        try new.swapUnseen([("purpose: Reads", "purpose: Reads all")])
        await new.approvals.redecideRestored(under: new.policy, stage: stage)
        #expect(new.approvals[id]?.state == (isApproved ? .void : .pending))
        #expect(new.approvals[id]?.revision == (isApproved ? 1 : 2))
    }
}
