import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// The gateway's own look at what an exploratory run would have (docs/specs/sandbox.md, section 3).
@Suite(.requirement("R025")) struct `Exploratory runs` {
    private func bench() throws -> (Bench, SandboxService) {
        let sandbox =
            "{secrets: [{name: A, from: \"files:a\"}, {name: KEY, from: \"env:PROD_KEY\"}]}"
        let bench = try Bench(
            policy: [("tier: medium", "tier: medium\n    sandbox: \(sandbox)")])
        let service = SandboxService(
            gateway: bench.gateway, folders: bench.sandboxFolders,
            production: ProductionSecrets(["prod-key"]))
        return (bench, service)
    }

    private func request(
        _ bench: Bench, _ kind: SandboxRequest.Kind, _ secrets: [String]
    ) throws -> SandboxRequest {
        SandboxRequest(
            agent: try #require(AgentName("clerk")), kind: kind, purpose: nil, request: nil,
            policy: bench.policy.digest, argv: Digest(words: (1, 2, 3, 4)), isolation: "full",
            backend: "own", layers: ["user"], degraded: [], landlock: 6, hidden: [],
            secrets: secrets)
    }

    @Test func `one with a secret of production does not begin, and nothing is recorded`()
        async throws
    {
        let (bench, service) = try bench()
        let clerk = try #require(AgentName("clerk"))
        let asked = try request(bench, .exploratory, ["A", "KEY"])
        await #expect(throws: SandboxRefusal.productionSecret(clerk, "secrets: `KEY`")) {
            try await service.begin(asked)
        }
        #expect(bench.ledger.drafts(of: .runStart).isEmpty && service.count == 0)
    }

    @Test func `one without it and a task with it begin, with their kinds`() async throws {
        let (bench, service) = try bench()
        _ = try await service.begin(try request(bench, .exploratory, ["A"]))
        _ = try await service.begin(try request(bench, .task, ["A", "KEY"]))
        _ = try await service.begin(try request(bench, .eval, ["A", "KEY"]))
        let kinds = bench.ledger.drafts(of: .runStart).map { $0.fields["kind"] }
        #expect(kinds == ["exploratory", "task", "eval"])
    }
}
