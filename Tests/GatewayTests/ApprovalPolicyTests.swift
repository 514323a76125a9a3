import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A policy that changes between request, vote and use (docs/specs/approvals.md, sections 4 and 5).
@Suite struct `Policy changes under an approval` {
    struct Change: Sendable, CustomTestStringConvertible {
        let name: String
        let text: [(String, String)]
        /// The state of a pending request after the reload.
        let pending: ApprovalState
        let revision: Int
        /// The state of a grant after the reload.
        let granted: ApprovalState
        /// The response to a call with a grant if the reload has not re-evaluated the request.
        let use: Expected
        var testDescription: String { name }
    }

    private static let scope =
        "[look, report, {tool: audit, when: \"false\"}, note, mail, pay, nuke]"
    private static let mail = "mail: {class: write, effects: [customer_facing]}"

    /// One person of `finance` must approve `mail`, two must approve `pay`; a test uses one of them.
    static let changes: [(tool: String, change: Change)] = [
        (
            "mail",
            Change(
                name: "something else", text: [("purpose: Reads", "purpose: Reads all")],
                pending: .pending, revision: 1, granted: .approved, use: .text("done"))
        ),
        (
            "note",
            Change(
                name: "allow",
                text: [("org: acme\n", "org: acme\n" + controls("reversible", "allow", "allow"))],
                pending: .pending, revision: 1, granted: .approved, use: .text("done"))
        ),
        (
            "mail",
            Change(
                name: "deny by scope",
                text: [(scope, "[look, note, pay]")], pending: .void, revision: 1, granted: .void,
                use: .refused(4030, "no-grant"))
        ),
        (
            "mail",
            Change(
                name: "deny by forbid",
                text: [("tools: [desk.nuke]}", "tools: [desk.nuke, desk.mail]}")],
                pending: .void, revision: 1, granted: .void, use: .refused(4030, "forbid"))
        ),
        (
            "mail",
            Change(
                name: "another group", text: [("approvers: finance", "approvers: board")],
                pending: .pending, revision: 2, granted: .void, use: .refused(4031, "not-granted"))
        ),
        (
            "mail",
            Change(
                name: "more effects",
                text: [(mail, "mail: {class: write, effects: [customer_facing, reversible]}")],
                pending: .pending, revision: 2, granted: .void, use: .refused(4031, "not-granted"))
        ),
        (
            "mail",
            Change(
                name: "a larger quorum",
                text: [
                    (
                        "org: acme\n",
                        "org: acme\n" + controls("customer_facing", "approve 2", "approve")
                    )
                ],
                pending: .pending, revision: 2, granted: .void, use: .refused(4031, "not-granted"))
        ),
        (
            "pay",
            Change(
                name: "a smaller quorum",
                text: [
                    (
                        "org: acme\n",
                        "org: acme\n"
                            + controls(
                                "spends_money", "approve", "approve", ("irreversible", "approve"))
                    )
                ],
                pending: .pending, revision: 1, granted: .approved, use: .text("done"))
        ),
        (
            "mail",
            Change(
                name: "another environment", text: [("environment: staging", "environment: live")],
                pending: .pending, revision: 2, granted: .void, use: .refused(4031, "not-granted"))
        ),
        (
            "mail",
            Change(
                name: "a voter leaves the group",
                text: [
                    (
                        "[ines@acme.example, paul@acme.example, rui@acme.example, dana@acme.example]",
                        "[paul@acme.example, rui@acme.example, dana@acme.example]"
                    )
                ],
                pending: .pending, revision: 1, granted: .void,
                use: .refused(4031, "not-granted"))
        ),
    ]

    private static func controls(
        _ effect: String, _ supervised: String, _ trusted: String, _ more: (String, String)...
    ) -> String {
        var text = "controls:\n  \(effect): {supervised: \(supervised), trusted: \(trusted)}\n"
        for (effect, verdict) in more {
            text += "  \(effect): {supervised: \(verdict), trusted: \(verdict)}\n"
        }
        return text
    }

    private static func voters(_ tool: String) -> [String] {
        tool == "pay" ? ["ines", "paul"] : ["ines"]
    }

    @Test(arguments: changes.indices)
    func `while people decide`(index: Int) async throws {
        let (tool, change) = Self.changes[index]
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin(tool)
        let id = try await bench.request().id
        _ = await until { bench.waiting == 1 }
        if tool == "pay" { try await bench.vote(on: id, by: "ines") }
        try await bench.swap(change.text)
        let request = try #require(bench.approvals[id])
        #expect(request.state == change.pending, "\(change.name)")
        #expect(request.revision == change.revision, "\(change.name)")
        if change.revision > 1 {
            #expect(request.votes.isEmpty)
            #expect(bench.ledger.drafts(of: .approvalReissued).count == 1)
            #expect(request.review.policy == bench.policy.digest)
            #expect(bench.store[id]?.revision == 2)
        }
        if change.pending == .void {
            check(await call.answer(), .refused(4031, "void"), "\(change.name)")
            #expect(bench.upstreams.sent.isEmpty)
            return
        }
        for name in ["paul", "rui"] where bench.approvals[id]?.state == .pending {
            try await bench.vote(on: id, by: name)
        }
        check(await call.answer(), .text("done"), "\(change.name)")
        #expect(bench.upstreams.sent.count == 1)
    }

    @Test(arguments: changes.indices)
    func `between grant and use, seen by the reload`(index: Int) async throws {
        let (tool, change) = Self.changes[index]
        let bench = try Bench()
        let client = try await Client.open(bench)
        let id = try await Self.granted(tool, bench, client)
        try await bench.swap(change.text)
        #expect(bench.approvals[id]?.state == change.granted, "\(change.name)")
        #expect(bench.upstreams.sent.isEmpty)
    }

    /// The policy changes after the call was approved and just before it is sent.
    @Test(arguments: changes.indices)
    func `between grant and use, at the worst moment`(index: Int) async throws {
        let (tool, change) = Self.changes[index]
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin(tool)
        let id = try await bench.request().id
        _ = await until { bench.waiting == 1 }
        // The policy is replaced while the last vote is being recorded.
        let gate = Gate()
        for name in Self.voters(tool).dropLast() { try await bench.vote(on: id, by: name) }
        bench.ledger.hold(.approvalGranted, at: gate)
        let vote = Task { try await bench.vote(on: id, by: Self.voters(tool).last ?? "ines") }
        _ = await until { gate.arrived == 1 }
        try bench.swapUnseen(change.text)
        gate.open()
        _ = try await vote.value
        check(await call.answer(), change.use, "\(change.name)")
        #expect(bench.upstreams.sent.count == (change.use == .text("done") ? 1 : 0))
        guard case .text = change.use else {
            #expect(bench.ledger.drafts(of: .callDenied).count == 1)
            #expect(bench.approvals[id]?.state != .used)
            return
        }
        #expect(bench.approvals[id]?.state == .used)
    }

    @Test func `an allowed call that now needs people is not sent`() async throws {
        let bench = try Bench(policy: [
            ("org: acme\n", "org: acme\n" + Self.controls("reversible", "allow", "allow"))
        ])
        let client = try await Client.open(bench)
        let gate = Gate()
        bench.ledger.hold(.callIntent, at: gate)
        let call = client.begin("note")
        _ = await until { gate.arrived == 1 }
        try bench.swapUnseen([])
        gate.open()
        check(await call.answer(), .refused(4030, "approval-required"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `an allowed call that is denied now is not sent`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let gate = Gate()
        bench.ledger.hold(.callIntent, at: gate)
        let call = client.begin("look")
        _ = await until { gate.arrived == 1 }
        try bench.swapUnseen([("tools: [desk.nuke]}", "tools: [desk.nuke, desk.look]}")])
        gate.open()
        check(await call.answer(), .refused(4030, "forbid"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    private static func granted(
        _ tool: String, _ bench: Bench, _ client: Client
    ) async throws -> ApprovalID {
        if tool == "pay" {
            return try await bench.grant(tool, [:], to: client, by: "ines", "paul")
        }
        return try await bench.grant(tool, [:], to: client, by: "ines")
    }
}
