import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions
@testable import InterlockSandboxes

/// Changes of a workspace that no recorded call explains (docs/specs/coding-agents.md, section 10).
@Suite struct UnexplainedChangeTests {
    private static let run = NameAuthenticator.run(of: "clerk")

    private func paths(
        after tools: [HookTool], changed: [String], since: Timestamp? = Timestamp(microseconds: 0)
    ) async throws -> Int64? {
        // No write waits for people at stage trusted.
        let hooks = try HookBench(stage: 2, since: since)
        try await hooks.send(HookBench.event(.sessionStart))
        for (number, tool) in tools.enumerated() {
            let event = HookBench.event(call: "c\(number)", tool: tool)
            try #require(try await hooks.send(event).decision == .allow)
        }
        let clerk = try #require(AgentName("clerk"))
        hooks.bench.gateway.observation.note(changed: changed, in: Self.run, of: clerk)
        // Read again: people are notified once.
        hooks.bench.gateway.observation.note(changed: changed, in: Self.run, of: clerk)
        let records = hooks.bench.ledger.drafts(of: .hookUnexplainedChange)
        let alerts = hooks.bench.ledger.drafts(of: .alarmRaised).filter {
            $0.fields["code"] == "hook.unexplained_change"
        }
        #expect(alerts.count == min(records.count, 1))
        #expect(records.allSatisfy { $0.fields["agent"] == "clerk" && $0.run == nil })
        #expect(hooks.stops.runs.withLock { $0.isEmpty })
        return try records.last.map { record in
            try #require(record.payloads.map(\.field) == ["changes"])
            return try #require(record.fields["cnt"]?.integer)
        }
    }

    private func write(_ path: String) -> HookTool {
        HookBench.tool(.write, ["file_path": .string(path), "content": "x"])
    }

    @Test func `a file that a write names is explained, and no other`() async throws {
        let written = [write("/workspace/a.c"), write("sub/b c.txt")]
        #expect(try await paths(after: written, changed: ["a.c", "sub/b c.txt"]) == nil)
        #expect(try await paths(after: written, changed: ["a.c", "c.c", "d.c"]) == 2)
        #expect(try await paths(after: [], changed: ["c.c"]) == 1)
        #expect(try await paths(after: [], changed: []) == nil)
        #expect(try await paths(after: [HookBench.tool(.read)], changed: ["c.c"]) == 1)
        #expect(try await paths(after: [write("/tmp/c.c")], changed: ["c.c"]) == 1)
    }

    @Test func `a shell command, or a write to a place that is not known, explains everything`()
        async throws
    {
        for tool in [
            HookBench.shell("write"), write("/tmp/../workspace/x"), HookBench.tool(.write),
        ] {
            #expect(try await paths(after: [tool], changed: ["c.c"]) == nil)
        }
    }

    @Test func `of a run from before this process nothing is known`() async throws {
        #expect(try await paths(after: [], changed: ["c.c"], since: nil) == nil)
    }

    @Test func `directories and entries of git are no files of a run`() {
        func change(_ path: String, _ kind: String) -> JSONValue {
            ["path": .string(path), "kind": .string(kind), "op": "create", "flags": []]
        }
        let digest = Digest(words: (5, 6, 7, 8))
        let changes = StatedChanges(
            base: digest, count: 5, digest: digest,
            listed: [
                change("a", "dir"), change("a/b", "file"), change(".git/index", "file"),
                change("c", "delete"), change("sub/.GIT/hooks/x", "file"),
            ])
        #expect(changes.files == ["a/b", "c"])
    }
}
