import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// Sandboxed runs that begin for a task of the policy (docs/specs/output-safety.md, section 7).
@Suite(.requirement("R084")) struct SandboxTaskTests {
    private static let tasks = [
        (
            "agents:\n  clerk:",
            """
            tasks:
              visit: {agent: clerk, tools: [desk.look]}
              watch: {agent: reader, tools: [desk.look]}
            agents:
              clerk:
            """
        )
    ]

    private func service(_ bench: Bench) -> SandboxService {
        SandboxService(gateway: bench.gateway, folders: bench.sandboxFolders, issuer: RunTokens())
    }

    private func request(_ bench: Bench, purpose: String?) throws -> SandboxRequest {
        SandboxRequest(
            agent: try #require(AgentName("clerk")), kind: .task, purpose: purpose, request: nil,
            policy: bench.policy.digest, argv: Digest(words: (1, 2, 3, 4)), isolation: "full",
            backend: "own", layers: ["user"], degraded: [], landlock: 6, hidden: [], secrets: [])
    }

    private func setup(_ bench: Bench) throws -> JSONValue {
        let start = try #require(bench.ledger.drafts(of: .runStart).last)
        let bytes = try #require(start.plaintext("setup"))
        return try JSONValue(parsing: bytes, limits: .upstream)
    }

    @Test func `the token of the run has the task, and the start is on record with it`()
        async throws
    {
        let bench = try Bench(policy: Self.tasks)
        let begun = try await service(bench).begin(try request(bench, purpose: "visit"))
        let token = try #require(begun.token)
        #expect(token.hasSuffix("~visit"))
        let setup = try setup(bench)
        #expect(setup["purpose"] == "visit" && setup["task"] == "visit")
        // Requests with that token are bound to the task.
        let client = try await Client.open(bench, as: token)
        #expect(await client.tools() == ["desk__look"])
        check(await client.call("report"), .refused(4030, "out-of-task"))
    }

    @Test func `a run without a purpose has no task`() async throws {
        let bench = try Bench(policy: Self.tasks)
        let begun = try await service(bench).begin(try request(bench, purpose: nil))
        #expect(begun.token?.contains("~") == false)
        let setup = try setup(bench)
        #expect(setup["purpose"] == nil && setup["task"] == nil)
    }

    @Test func `another purpose of an agent with tasks begins nothing`() async throws {
        let bench = try Bench(policy: Self.tasks)
        let sandboxes = service(bench)
        for purpose in ["vist", "watch", "Fix a bug"] {
            let request = try request(bench, purpose: purpose)
            await #expect(throws: SandboxRefusal.self) { try await sandboxes.begin(request) }
        }
        #expect(bench.ledger.drafts(of: .runStart).isEmpty)
        let open = try bench.sandboxFolders.opened()
        #expect(open.isEmpty && sandboxes.count == 0)
    }

    @Test func `an agent without tasks has any purpose, as before`() async throws {
        let bench = try Bench()
        _ = try await service(bench).begin(try request(bench, purpose: "visit"))
        let setup = try setup(bench)
        #expect(setup["purpose"] == "visit" && setup["task"] == nil)
    }
}
