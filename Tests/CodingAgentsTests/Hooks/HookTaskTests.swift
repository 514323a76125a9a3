import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// A coding agent's own tools in a run with a task: those that the task does not name are denied
/// (docs/specs/output-safety.md, section 7).
@Suite(.requirement("R084")) struct HookTaskTests {
    private static let tasks = [
        (
            "agents:\n  clerk:",
            "tasks:\n  visit: {agent: clerk, tools: [host.read]}\nagents:\n  clerk:"
        )
    ]

    @Test func `only tools of the host that the task names run, also in a subagent`() async throws {
        let hooks = try HookBench(Self.tasks)
        for (call, agent) in [("a", nil), ("b", "sub")] as [(String, String?)] {
            let read = HookBench.event(
                call: "\(call)1", tool: HookBench.tool(.read, ["file_path": "/workspace/a"]),
                agent: agent)
            let test = HookBench.event(
                call: "\(call)2", tool: HookBench.shell("test a"), agent: agent)
            #expect(try await hooks.send(read, as: "clerk~visit").decision == .allow)
            let denied = try await hooks.send(test, as: "clerk~visit")
            #expect(denied.decision == .deny && denied.reason == "out-of-task")
        }
        let free = HookBench.event(call: "c1", tool: HookBench.shell("test a"))
        #expect(try await hooks.send(free, as: "clerk!").decision == .allow)
    }
}
