import InterlockModel
import InterlockPolicyReview
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The rows of a policy that cannot act at the stages at which agents are served (N102).
@Suite(.requirement("R154")) struct UnearnedRowsTests {
    private static let text = """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        controls: {sensitive_data: {supervised: approve, trusted: allow}, \
        reversible: {supervised: approve, trusted: allow}}
        servers:
          desk:
            tools:
              peek: {class: read, effects: [sensitive_data]}
              label: {class: write, effects: [reversible]}
        approvals:
          leads: {members: [ada@acme.example, sam@acme.example]}
        agents:
          helper:
            owner: li@acme.example
            purpose: Helps people
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: [peek]}
          other:
            owner: li@acme.example
            purpose: Helps people
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: [peek, label]}
          third:
            owner: li@acme.example
            purpose: Helps people
            tier: high
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: [peek]}

        """

    private func messages(_ numbers: [String: Int]) throws -> [String] {
        let document = try #require(PolicyReader.read(policyFiles(Self.text)).document)
        let found = UnearnedRows(document, at: exampleTime) { agent in
            guard let number = numbers[agent.text], let stage = TrustStageAssignment(number) else {
                return AgentTerms.Trust.none
            }
            return .record(stage, isFounding: false)
        }
        return found.findings.map(\.message)
    }

    private func rows(_ numbers: [String: Int]) throws -> [String] {
        try messages(numbers).filter { $0.hasPrefix("controls: ") }
            .map { $0.replacing("controls: `trusted: allow` of ", with: "") }
    }

    @Test func `a row names the agents for which it does not act yet`() throws {
        // Tier high is decided by `supervised` at every stage.
        let data = "`sensitive_data` does not act yet"
        let label = "`reversible` does not act yet for other; `supervised: approve` does"
        #expect(
            try rows([:]) == [
                data + " for helper, other; `supervised: approve` does", label,
            ])
        #expect(
            try rows(["helper": 2]) == [data + " for other; `supervised: approve` does", label])
        #expect(
            try rows(["other": 3]) == [data + " for helper; `supervised: approve` does"])
        #expect(try rows(["helper": 2, "other": 3]).isEmpty)
    }

    @Test func `an agent that has earned its stage is not named`() throws {
        func named(_ numbers: [String: Int]) throws -> [String] {
            try messages(numbers).filter { $0.contains("does not act yet; its calls") }
        }
        #expect(try named([:]).count == 3)
        let one = try named(["helper": 3, "third": 3])
        #expect(
            one == [
                "other: stage `trusted` does not act yet; its calls are decided at stage "
                    + "`supervised`, with 25 % of its limits"
            ])
        let high = try named(["helper": 2, "other": 2, "third": 2])
        #expect(high.count == 1 && high.first?.hasPrefix("third: ") == true)
        #expect(high.first?.contains("with 75 % of its limits; at tier high") == true)
        let assisted = try named(["other": 1, "helper": 3, "third": 3])
        #expect(assisted.first?.hasSuffix("with 50 % of its limits") == true)
    }
}
