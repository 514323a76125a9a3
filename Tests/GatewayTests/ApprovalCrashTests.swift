import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The process crashes at each step of an approval (docs/specs/approvals.md, section 5): checks what the next process
/// finds in store and log, and that no call is sent wrongly. A step that fails without being stored simulates a crash
/// before it; one that fails although stored, a crash after it.
@Suite struct `Approvals after a death` {
    /// The next process, on the state that the previous one left on disk.
    static func after(_ old: Bench) async throws -> Bench {
        old.store.mend()
        old.ledger.accept()
        // Another process draws other ids.
        let new = try Bench(store: old.store, ledger: old.ledger, hasTrail: true, seed: 8)
        try await new.approvals.restore()
        return new
    }

    static func isAskedAnew(_ bench: Bench, _ tool: String = "note") async throws {
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
                to: ApprovalTable.Question(run: same.run, digest: request.callDigest),
                agent: same.agent)
        else {
            Issue.record("it would be asked again")
            return
        }
        #expect(refusal.rule.leafText.contains("denied") || refusal.code.contains("denied"))
        let other = RunID(milliseconds: 9, random: [UInt8](repeating: 9, count: 10))
        let elsewhere = ApprovalTable.Question(run: other, digest: request.callDigest)
        #expect(table.answer(to: elsewhere, agent: same.agent) == .ask)
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

    /// A change of a stored request that fails, and what is found then.
    struct Row: Sendable, CustomTestStringConvertible {
        let change: ApprovalChange
        /// If true, the store made the change and reported a failure.
        let isKept: Bool
        /// The state in the process that saw the failure; nil if it has no such request.
        let before: ApprovalState?
        /// The state in the next process.
        let after: ApprovalState?

        init(
            _ change: ApprovalChange, isKept: Bool, _ before: ApprovalState?,
            _ after: ApprovalState?
        ) {
            self.change = change
            self.isKept = isKept
            self.before = before
            self.after = after
        }

        var testDescription: String { "\(change)\(isKept ? ", kept" : "")" }
    }

    private static let rows: [Row] = [
        Row(.ask, isKept: false, nil, nil), Row(.ask, isKept: true, nil, .pending),
        Row(.vote(isLast: false), isKept: false, .pending, .pending),
        Row(.vote(isLast: false), isKept: true, .pending, .pending),
        Row(.vote(isLast: true), isKept: false, .pending, .pending),
        Row(.vote(isLast: true), isKept: true, .pending, .approved),
        Row(.reissue, isKept: false, .void, .void), Row(.reissue, isKept: true, .void, .void),
        Row(.revise, isKept: false, .pending, .pending),
        Row(.revise, isKept: true, .pending, .pending),
        Row(.end(.denied), isKept: false, .denied, .denied),
        Row(.end(.denied), isKept: true, .denied, .denied),
        Row(.end(.expired), isKept: false, .expired, .expired),
        Row(.end(.expired), isKept: true, .expired, .expired),
        Row(.end(.withdrawn), isKept: false, .withdrawn, .withdrawn),
        Row(.end(.withdrawn), isKept: true, .withdrawn, .withdrawn),
        Row(.end(.void), isKept: false, .void, .void),
        Row(.end(.void), isKept: true, .void, .void),
        Row(.use, isKept: false, .approved, .approved), Row(.use, isKept: true, .approved, .void),
        Row(.settle(isRecorded: true), isKept: false, .used, .used),
        Row(.settle(isRecorded: true), isKept: true, .used, .used),
    ]

    @Test(arguments: rows)
    func `each change that fails leaves what the next start knows`(row: Row) async throws {
        let old = try Bench(hasTrail: true)
        let client = try await Client.open(old)
        let tool = row.change == .vote(isLast: false) || row.change == .revise ? "pay" : "note"
        old.store.fail(.write(row.change), kept: row.isKept)
        let call = client.begin(tool)
        if row.change == .ask {
            _ = await call.answer()
        } else {
            _ = try await old.request()
            _ = await until { old.waiting == 1 }
            call.exchange.close()
            _ = await call.answer()
        }
        let asked = old.ledger.drafts(of: .approvalRequested).last?.fields["appr"]?.string
        let id = try #require(asked.flatMap { ApprovalID($0) })
        try await Self.make(row.change, of: id, in: old, client)
        #expect(old.approvals[id]?.state == row.before)
        let isSent = row.change == .settle(isRecorded: true)
        #expect(old.upstreams.sent.count == (isSent ? 1 : 0))
        let new = try await Self.after(old)
        try await new.approvals.recallEnded()
        #expect(new.approvals[id]?.state == row.after)
        #expect(new.store[id]?.state == row.after?.rawValue)
        if case .vote(isLast: false) = row.change {
            #expect(new.approvals[id]?.votes.count == (row.isKept ? 1 : 0))
        }
        #expect(new.upstreams.sent.isEmpty)
    }

    private static func make(
        _ change: ApprovalChange, of id: ApprovalID, in bench: Bench, _ client: Client
    ) async throws {
        switch change {
        case .ask: break
        case .vote: _ = try? await bench.vote(on: id, by: "ines")
        case .reissue:
            try await bench.swap([("effects: [reversible]", "effects: [customer_facing]")])
        case .revise: _ = await bench.approvals.change(id, .leave(People.all["rui"].pseudonym))
        case .end(.denied): _ = try await bench.vote(.deny, on: id, by: "ines")
        case .end(.expired):
            bench.clock.advance(.seconds(30 * 60))
            await bench.approvals.expire()
        case .end(.withdrawn): _ = await bench.approvals.change(id, .withdraw(.cancelled))
        case .end(.void): _ = await bench.approvals.change(id, .void(.halted))
        case .use, .useAgain, .settle:
            try await bench.vote(on: id, by: "ines")
            _ = await client.call("note")
        }
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
