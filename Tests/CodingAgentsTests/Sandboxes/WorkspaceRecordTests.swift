import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// The records of reviews of a workspace (docs/specs/sandbox.md, section 12).
@Suite(.requirement("R078")) struct `Records of a workspace` {
    private static let digest = Digest(words: (5, 6, 7, 8))
    private static let change: JSONValue = [
        "path": "Makefile", "kind": "file", "op": "create", "flags": ["executes_later"],
        "size": 5, "mode": "0644",
    ]

    private func request(_ bench: Bench) throws -> SandboxRequest {
        SandboxRequest(
            agent: try #require(AgentName("clerk")), kind: .task, purpose: "Fix a bug",
            request: nil, policy: bench.policy.digest, argv: Self.digest, isolation: "full",
            backend: "own", layers: ["user"], degraded: [], landlock: 6, hidden: [],
            secrets: [])
    }

    /// A run that has ended.
    private func endedRun(_ bench: Bench) async throws -> RunID {
        let run = try await bench.sandboxes.begin(try request(bench)).run
        try await bench.sandboxes.end(run, SandboxEnd(code: "exited", source: .agent, exit: 0))
        return run
    }

    private var changes: StatedChanges {
        StatedChanges(base: Self.digest, count: 3, digest: Self.digest, listed: [Self.change])
    }
    private var diff: WorkspaceDiffRequest {
        WorkspaceDiffRequest(changes: changes, flagged: 1, waiting: 1)
    }
    private var decision: WorkspaceApplyRequest {
        WorkspaceApplyRequest(
            changes: changes, approved: ["executes_later"],
            flagged: StatedFlagged(count: 1, digest: Self.digest), reason: "Reviewed")
    }

    private func refusal(
        _ work: () async throws(SandboxRefusal) -> Void
    ) async -> SandboxRefusal? {
        do throws(SandboxRefusal) {
            try await work()
            return nil
        } catch { return error }
    }

    @Test func `a review, a decision and a discard are on record after the end of the run`()
        async throws
    {
        let bench = try Bench()
        let run = try await endedRun(bench)
        try await bench.sandboxes.record(diff, of: run)
        let (sandboxes, decision) = (bench.sandboxes, decision)
        let unapproved = await refusal { () throws(SandboxRefusal) in
            try await sandboxes.record(decision, of: run)
        }
        #expect(unapproved == .unapproved)
        let order = OrderID(milliseconds: 7, random: [UInt8](repeating: 7, count: 10))
        let person = People.all["ines"].pseudonym
        try await bench.sandboxes.record(
            decision, of: run, approvedBy: [(order: order, person: person)])
        try await bench.sandboxes.record(WorkspaceDiscardRequest(reason: nil), of: run)
        let shown = try #require(bench.ledger.drafts(of: .runDiff).last)
        #expect(shown.run == nil && shown.fields["ofrun"] == .string(run.text))
        #expect(shown.fields["agent"] == "clerk")
        #expect(shown.fields["cnt"] == 3 && shown.fields["flg"] == 1)
        #expect(shown.payloads.map(\.field) == ["changes"])
        let applied = try #require(bench.ledger.drafts(of: .applyDecision).last)
        #expect(applied.fields["flags"] == ["executes_later"])
        #expect(applied.fields["sum"] == .string(Self.digest.base64))
        #expect(applied.payloads.map(\.field) == ["changes", "reason"])
        #expect(applied.fields["by"] == [.string(person.text)] && applied.fields["flg"] == 1)
        let discarded = try #require(bench.ledger.drafts(of: .discard).last)
        #expect(discarded.payloads.isEmpty && discarded.fields["ofrun"] == .string(run.text))
        for draft in [shown, applied, discarded] {
            try RecordSchema.of(draft.type).check(draft)
        }
    }

    @Test func `a run that is not over is not reviewed, nor one of another gateway`() async throws {
        let bench = try Bench()
        let run = try await bench.sandboxes.begin(try request(bench)).run
        let (sandboxes, diff) = (bench.sandboxes, diff)
        let early = await refusal { () throws(SandboxRefusal) in
            try await sandboxes.record(diff, of: run)
        }
        #expect(early == .notOver)
        let strange: RunID = bench.gateway.newID()
        let unknown = await refusal { () throws(SandboxRefusal) in
            try await sandboxes.record(WorkspaceDiscardRequest(reason: nil), of: strange)
        }
        #expect(unknown == .noWorkspace)
        // The end is stated and not on record yet.
        bench.ledger.refuse(.runEnd)
        try? await sandboxes.end(run, SandboxEnd(code: "exited", source: .agent, exit: 0))
        let open = await refusal { () throws(SandboxRefusal) in
            try await sandboxes.record(diff, of: run)
        }
        #expect(open == .notOver && bench.ledger.drafts(of: .runDiff).isEmpty)
    }

    @Test func `what cannot be recorded is not done`() async throws {
        let bench = try Bench()
        let run = try await endedRun(bench)
        bench.ledger.refuse(.applyDecision)
        let (sandboxes, decision) = (bench.sandboxes, decision)
        let order = OrderID(milliseconds: 7, random: [UInt8](repeating: 7, count: 10))
        let refused = await refusal { () throws(SandboxRefusal) in
            try await sandboxes.record(
                decision, of: run,
                approvedBy: [(order: order, person: People.all["ines"].pseudonym)])
        }
        #expect(refused == .notRecorded("audit.full"))
    }

    @Test func `statements have one form`() throws {
        #expect(try WorkspaceDiffRequest(diff.json) == diff)
        #expect(try WorkspaceApplyRequest(decision.json) == decision)
        let discard = WorkspaceDiscardRequest(reason: "not wanted")
        #expect(try WorkspaceDiscardRequest(discard.json) == discard)
        let long = String(repeating: "a", count: 16_385)
        for (name, value) in [
            ("base", "x"), ("count", 0), ("digest", 1), ("flagged", 4), ("waiting", 2),
            ("extra", 1),
            ("listed", ["x"]), ("listed", [["path": "a"]]),
            ("listed", [["path": .string(long), "kind": "file", "op": "create", "flags": []]]),
            ("listed", [["path": "a", "kind": "file", "op": "create", "flags": ["Not a word"]]]),
        ] as [(String, JSONValue)] {
            var object = try #require(diff.json.object)
            object[name] = value
            #expect(throws: FormError.self) { try WorkspaceDiffRequest(.object(object)) }
        }
        var object = try #require(decision.json.object)
        object["reason"] = ""
        #expect(throws: FormError.self) { try WorkspaceApplyRequest(.object(object)) }
        object["reason"] = nil
        object["flagged"] = nil
        #expect(throws: FormError.self) { try WorkspaceApplyRequest(.object(object)) }
        let export = WorkspaceExportRequest(format: .patch, bytes: 7, digest: Self.digest)
        #expect(try WorkspaceExportRequest(export.json) == export)
    }
}
