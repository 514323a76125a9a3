import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockGatewayBench
@testable import InterlockSandboxes

extension Bench {
    /// The request of a run of the agent `clerk`, isolated, that may connect to what the policy admits.
    func networkedRun(kind: SandboxRequest.Kind = .task) throws -> SandboxRequest {
        SandboxRequest(
            agent: try #require(AgentName("clerk")), kind: kind, purpose: "Fix a bug",
            request: nil, policy: policy.digest, argv: Digest(words: (1, 2, 3, 4)),
            isolation: "full", backend: "own", layers: ["net"], degraded: [], landlock: 6,
            hidden: [], secrets: [])
    }
}
