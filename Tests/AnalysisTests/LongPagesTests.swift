import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

@Suite struct `An agent's page that is too long` {
    /// A policy whose agent is granted this many tools, one line each.
    private func policy(tools: Int, waiver: String = "") throws -> PolicySnapshot {
        let names = (0..<tools).map { "read_\($0)" }
        return try oneClerk(
            tools: names, scopes: "[\(names.joined(separator: ", "))]", rest: waiver)
    }

    private func found(_ policy: PolicySnapshot) -> [Finding] {
        LongPages(policy, at: exampleTime).findings
    }

    @Test(.requirement("R034")) func `is a warning with its number of lines`() throws {
        #expect(found(try policy(tools: 10)).isEmpty)
        let finding = try #require(found(try policy(tools: 70)).first)
        #expect(finding.code == .pageTooLong)
        #expect(finding.subject == AgentName("clerk"))
        let clerk = try #require(AgentName("clerk"))
        let page = try #require(
            AgentPage(try policy(tools: 70), of: clerk, .none, at: exampleTime))
        let lines = page.text.split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(finding.message == "clerk: its page has \(lines) lines, more than 60")
        #expect(!finding.waived)
    }

    @Test func `can be waived until a date, and its waiver is not without effect`() throws {
        let waived = try policy(
            tools: 70,
            waiver: """
                waivers:
                  - {lint: W217, at: agents.clerk, owner: ada@acme.example, until: "2026-12-20", reason: known}
                """)
        #expect(found(waived).map(\.waived) == [true])
        #expect(!waived.findings.contains { $0.code == .uselessWaiver })
    }
}
