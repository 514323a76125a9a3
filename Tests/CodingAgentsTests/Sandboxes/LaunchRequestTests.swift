import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// The user's request of a launch (docs/specs/output-safety.md, section 7): on record, and what values are compared with.
@Suite(.requirement("R084")) struct LaunchRequestTests {
    private static let rule = [
        ("approvers: finance\n", "approvers: finance\n    taint: {mode: provenance}\n")
    ]

    private func begin(_ bench: Bench, _ words: String?) async throws -> RunID {
        let request = SandboxRequest(
            agent: try #require(AgentName("clerk")), kind: .task, purpose: nil, request: words,
            policy: bench.policy.digest, argv: Digest(words: (1, 2, 3, 4)), isolation: "full",
            backend: "own", layers: ["net"], degraded: [], landlock: 6, hidden: [], secrets: [])
        return try await bench.sandboxes.begin(request).run
    }

    private func label(_ value: JSONValue, _ bench: Bench, _ run: RunID) -> ValueLabel? {
        bench.gateway.runs.labelled.read(run) {
            $0.labels(of: ["v": value], schema: nil, LabelConstants(egress: [])).worst
        }
    }

    @Test func `it is on record, and its values are known`() async throws {
        let bench = try Bench(policy: Self.rule)
        let run = try await begin(bench, "Refund order 55021")
        let input = try #require(bench.ledger.drafts(of: .runInput).last)
        #expect(input.fields["src"] == "user" && input.run?.run == run)
        #expect(input.plaintext("text") == Array("Refund order 55021".utf8))
        #expect(label(55_021, bench, run) == .request && label(55_022, bench, run) == .made)
    }

    @Test func `without one nothing is recorded, and an agent with another rule has no index`()
        async throws
    {
        let bench = try Bench(policy: Self.rule)
        _ = try await begin(bench, nil)
        #expect(bench.ledger.drafts(of: .runInput).isEmpty)
        let other = try Bench()
        _ = try await begin(other, "Refund order 55021")
        #expect(other.ledger.drafts(of: .runInput).count == 1)
        #expect(bench.gateway.runs.labelled.isEmpty && other.gateway.runs.labelled.isEmpty)
    }

    @Test func `a launch whose request cannot be recorded is refused`() async throws {
        let bench = try Bench(policy: Self.rule)
        bench.ledger.refuse(.runInput)
        await #expect(throws: SandboxRefusal.self) { try await begin(bench, "Refund") }
        #expect(bench.gateway.runs.labelled.isEmpty && bench.sandboxes.count == 0)
        #expect(bench.ledger.drafts(of: .runEnd).count == 1)
    }

    @Test func `a launch in a folder with files of a tainted run begins with their level`()
        async throws
    {
        let bench = try Bench(policy: Self.rule)
        let folder = try #require(FolderPath("/home/ada/shop"))
        let writer = RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
        try bench.gateway.runs.workspaces.add(
            TaintedWorkspace(
                folder: folder, level: .untrusted, run: writer, at: bench.clock.now.wall))
        func launch(_ workspace: String?) async throws -> RunID {
            let request = SandboxRequest(
                agent: try #require(AgentName("clerk")), kind: .task, purpose: nil, request: nil,
                policy: bench.policy.digest, argv: Digest(words: (1, 2, 3, 4)), isolation: "full",
                backend: "own", layers: ["net"], degraded: [], landlock: 6, hidden: [],
                secrets: [], workspace: workspace.flatMap { FolderPath($0) })
            #expect(try SandboxRequest(request.json).workspace == request.workspace)
            return try await bench.sandboxes.begin(request).run
        }
        let tainted = bench.gateway.runs.tainted
        #expect(tainted.settledLevel(of: try await launch("/home/ada/shop/src")) == .untrusted)
        let record = try #require(bench.ledger.drafts(of: .runTainted).last)
        #expect(record.fields["code"] == "workspace")
        #expect(record.fields["ofrun"] == .string(writer.text))
        #expect(tainted.settledLevel(of: try await launch("/home/bob")) == .clean)
        #expect(tainted.settledLevel(of: try await launch(nil)) == .clean)
        bench.ledger.refuse(.runTainted)
        await #expect(throws: SandboxRefusal.self) { try await launch("/home/ada") }
        #expect(bench.sandboxes.count == 3)
    }

    @Test func `so does a launch whose sandbox shows such a file besides its workspace`()
        async throws
    {
        let bench = try Bench(policy: [
            ("tier: medium", "tier: medium\n    sandbox: {read: [/srv/lib], cli_may_widen: true}")
        ])
        func launch(_ tainted: String, reading path: String? = nil) async throws -> TaintLevel {
            let folder = try #require(FolderPath(tainted))
            let writer = RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
            let workspaces = bench.gateway.runs.workspaces
            try workspaces.add(
                TaintedWorkspace(
                    folder: folder, level: .untrusted, run: writer, at: bench.clock.now.wall))
            let request = SandboxRequest(
                agent: try #require(AgentName("clerk")), kind: .task, purpose: nil, request: nil,
                policy: bench.policy.digest, argv: Digest(words: (1, 2, 3, 4)), isolation: "full",
                backend: "own", layers: ["net"], degraded: [], landlock: 6, hidden: [],
                secrets: [], read: path.map { [$0] } ?? [], workspace: FolderPath("/home/bob"))
            let run = try await bench.sandboxes.begin(request).run
            try workspaces.remove(workspaces.all)
            return bench.gateway.runs.tainted.settledLevel(of: run)
        }
        #expect(try await launch("/home/ada") == .clean)
        #expect(try await launch("/srv/lib/src") == .untrusted)
        #expect(try await launch("/home/ada", reading: "/home/ada/notes.md") == .untrusted)
    }
}
