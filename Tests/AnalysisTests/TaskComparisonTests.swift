import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// `tasks` in `policy diff`, the worst case and an agent's page.
@Suite(.requirement("R084")) struct TaskComparisonTests {
    private func policy(_ tasks: String) throws -> PolicySnapshot {
        try acme(("\nagents:\n", "\ntasks: {\(tasks)}\nagents:\n"))
    }

    private static let visit = "visit: {agent: refunds, tools: [tickets.get_ticket]}"

    @Test func `a task that is gone is wider, and a new one narrower`() throws {
        let stated = #"{"agent":"support-triage","tools":["tickets.get_ticket"]}"#
        let with = try policy("visit: {agent: support-triage, tools: [tickets.get_ticket]}")
        #expect(lines(try acme(), with) == ["NARROWS tasks.visit: \(stated) was absent"])
        #expect(lines(with, try acme()) == ["WIDENS tasks.visit: absent was \(stated)"])
        #expect(lines(with, with) == [])
    }

    @Test func `where each run has a purpose, a task more or less is not comparable`() throws {
        let stated = #"{"agent":"refunds","tools":["billing.get_invoice"]}"#
        let one = try policy(Self.visit)
        let two = try policy(
            Self.visit + ", bill: {agent: refunds, tools: [billing.get_invoice]}")
        // A run of the second task could do nothing before.
        #expect(lines(one, two) == ["NOT COMPARABLE tasks.bill: \(stated) was absent"])
        #expect(lines(two, one) == ["NOT COMPARABLE tasks.bill: absent was \(stated)"])
        #expect(lines(try acme(), one).map { $0.prefix(26) } == ["NOT COMPARABLE tasks.visit"])
    }

    @Test func `a tool more is wider, and one less narrower`() throws {
        let one = try policy(Self.visit)
        let two = try policy(
            "visit: {agent: refunds, tools: [tickets.get_ticket, billing.get_invoice]}")
        let (few, more) = (
            #"["tickets.get_ticket"]"#, #"["billing.get_invoice","tickets.get_ticket"]"#
        )
        #expect(lines(one, two) == ["WIDENS tasks.visit.tools: \(more) was \(few)"])
        #expect(lines(two, one) == ["NARROWS tasks.visit.tools: \(few) was \(more)"])
    }

    @Test func `a task of another agent is not comparable`() throws {
        let other = try policy("visit: {agent: support-triage, tools: [tickets.get_ticket]}")
        let found = lines(try policy(Self.visit), other)
        #expect(found == ["NOT COMPARABLE tasks.visit.agent: support-triage was refunds"])
    }

    @Test func `a first revision states its tasks`() throws {
        let first = PolicyComparison.first(try policy(Self.visit))
        #expect(first.differences.contains { $0.subject == "tasks" && $0.new.contains("visit") })
    }

    @Test func `the worst case and the page of the agent name its tasks, and change nothing else`()
        throws
    {
        let name = try #require(AgentName("refunds"))
        let other = try #require(AgentName("support-triage"))
        let with = try policy(Self.visit)
        let reach = try #require(WorstCase(with, of: name, .asWritten, at: exampleTime))
        let without = try #require(WorstCase(try acme(), of: name, .asWritten, at: exampleTime))
        let line = "  a run with this purpose uses these tools alone: visit: tickets.get_ticket"
        #expect(reach.text == without.text + "\n" + line)
        #expect(reach.json["tasks"]?.array?.first?["tools"] == ["tickets.get_ticket"])
        #expect(without.json["tasks"] == nil)
        let page = try #require(AgentPage(with, of: name, .asWritten, at: exampleTime))
        #expect(page.text.contains("\n  task       visit: tickets.get_ticket  policy.yaml:"))
        #expect(page.json["tasks"]?.array?.count == 1)
        let otherPage = try #require(AgentPage(with, of: other, .asWritten, at: exampleTime))
        #expect(otherPage.json["tasks"] == nil && !otherPage.text.contains("  task "))
    }
}
