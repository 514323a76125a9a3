import InterlockConsoleWorld
import InterlockCredentials
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPolicyReview
import InterlockYAML
import InterlockZones
import Testing

@testable import InterlockConsole
@testable import InterlockMarkup

/// The sums that an agent can spend, on its page.
struct AgentWorstCaseTests {
    /// The text of the worst case of an agent with these tools of `billing` and these limits.
    private func text(_ tools: String, limits: String) throws -> String {
        let text = """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            approvals:
              finance: {members: [p2@acme.example, p3@acme.example, p4@acme.example], expires: 30m}
            servers:
              billing:
                tools:
                  invoice: {class: read}
                  pay: {class: write, effects: [irreversible, spends_money]}
                  refund: {class: write, effects: [irreversible, spends_money]}
            agents:
              clerk:
                owner: p1@acme.example
                purpose: Pays
                tier: medium
                stage: supervised
                review_by: "2099-12-31"
                approvers: finance
                mcp_scopes: {billing: [\(tools)]}
                limits: {\(limits)}
            """
        let file = PolicyFile(path: "policy.yaml", role: .single, bytes: Array(text.utf8))
        let policy = try PolicySnapshot(
            compiling: try #require(PolicyReader.read([file]).document),
            with: PolicyEngines(patterns: RE2Compiler(), zones: SystemZones()),
            at: ConsoleOffice.start, hashing: OpenSSLHashing())
        let clerk = try #require(AgentName("clerk"))
        let reach = try #require(
            WorstCase(policy, of: clerk, .asWritten, at: ConsoleOffice.start))
        let page = AgentWorstCase(reach: reach, page: 1) { _ in Link("agents") }
        return Outline(HTML.group(page.content).bytes).text
    }

    @Test func `tools that spend money without a limit on the sum are named`() throws {
        let spend = "spend: {field: args.cents, tool: billing.pay, max: 500/d}"
        let open = try text("invoice, pay, refund", limits: spend)
        #expect(open.contains("no limit on the sum of billing.refund"))
        #expect(open.contains("at most 500 of args.cents by billing.pay"))
        let limited = try text("invoice, pay", limits: spend)
        #expect(!limited.contains("no limit on the sum"))
        #expect(limited.contains("a limited sum in a day, by billing.pay"))
        let reads = try text("invoice", limits: "calls: 5/m")
        #expect(reads.contains("nothing: no tool that it reaches spends money"))
    }
}
