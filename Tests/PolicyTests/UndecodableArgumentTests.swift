import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Arguments with something encoded that was not decoded (docs/specs/output-safety.md, section 3).
@Suite(.requirement("R082")) struct UndecodableArgumentTests {
    private static let policy =
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        controls: {production: {supervised: approve 2, trusted: approve 2}}
        approvals:
          leads: {members: [ada@acme.example, sam@acme.example, rui@acme.example]}
        servers:
          desk:
            environment: staging
            tools:
              look: {class: read}
              peek: {class: read, effects: [sensitive_data]}
              ping: {class: read, effects: [customer_facing]}
              draft: {class: write, effects: [reversible]}
              pay: {class: write, effects: [spends_money]}
        agents:
          worker:
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            mcp_scopes:
              desk: [read, write]
            approvers: leads

        """

    private static let compiled = Result { try snapshot(policy) }

    @Test(arguments: [
        ("look", true), ("peek", true), ("ping", false), ("draft", false), ("pay", false),
    ])
    func `A call that does more than read is denied, and a read is decided as before`(
        _ tool: String, _ isRead: Bool
    ) throws {
        let policy = try Self.compiled.get()
        for stage in [TrustStage.supervised, .trusted] {
            let before = try policy.decision("worker", "desk.\(tool)", stage: stage)
            let decision = try policy.decision("worker", "desk.\(tool)", stage: stage) {
                $0.arguments = .undecodable
            }
            if isRead {
                #expect(decision.verdict == before.verdict && decision.reason == before.reason)
            } else {
                #expect(decision.verdict == .deny && decision.reason == .undecodable)
                #expect(decision.rule == "undecodable" && decision.quorum == 0)
            }
        }
    }

    /// A call without a grant is denied for that reason, and one with a secret before both.
    @Test func `Other reasons come first`() throws {
        let policy = try Self.compiled.get()
        let unlisted = try policy.decision("worker", "desk.none") { $0.arguments = .undecodable }
        #expect(unlisted.reason == .unlistedTool)
        let secret = try policy.decision("worker", "desk.pay") { $0.arguments = .secret }
        #expect(secret.reason == .secretInArguments)
    }
}
