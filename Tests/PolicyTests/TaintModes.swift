import InterlockModel
import Testing

@testable import InterlockPolicy

/// A policy with one server, `desk`, and agents that differ in `taint` alone, and its decisions about calls of runs by
/// what these have read.
struct TaintModes {
    private let compiled: Result<PolicySnapshot, any Error>

    var policy: PolicySnapshot { get throws { try compiled.get() } }

    /// - Parameters:
    ///   - tools: the entries of the server's tools, a line each.
    ///   - agents: each agent's name and the line of its `taint`, which may be empty.
    init(tools: [String], agents: KeyValuePairs<String, String>) {
        let text =
            Self.head + tools.map { "      \($0)\n" }.joined() + "agents:\n"
            + agents.map { Self.agent($0.key, $0.value) }.joined()
        compiled = Result { try snapshot(text) }
    }

    private static let head = """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        approvals:
          leads: {members: [ada@acme.example, sam@acme.example, rui@acme.example]}
        servers:
          desk:
            environment: staging
            tools:

        """

    private static func agent(_ name: String, _ taint: String) -> String {
        """
          \(name):
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            mcp_scopes: {desk: [read, write]}
            approvers: leads
            \(taint)

        """
    }

    /// The decision about a call of a run at this level, in the stage `trusted`.
    func decide(
        _ agent: String, _ tool: String, _ level: TaintLevel, _ label: ValueLabel?,
        _ channel: DecisionFacts.SideChannel? = nil
    ) throws -> Decision {
        try policy.decision(agent, "desk.\(tool)", stage: .trusted) {
            $0.tainted = level > .clean
            $0.unmarked = level == .untrusted
            $0.label = label
            $0.sideChannel = channel
        }
    }
}
