import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockPolicyReview

@Suite struct DataFlowsTests {
    private func flows(of agent: String) throws -> DataFlows {
        let name = try #require(AgentName(agent))
        return try #require(WorstCase(try acme(), of: name, .asWritten, at: exampleTime)).dataFlows
    }

    @Test func `sources are what is read, sinks what is written and the egress`() throws {
        let flows = try flows(of: "refunds")
        #expect(
            flows.sources.map(\.name)
                == ["billing.get_invoice", "tickets.get_ticket", "tickets.search"])
        #expect(
            flows.sinks.map(\.name) == [
                "api.carrier.example:443", "crm.send_customer_email", "tickets.close_ticket",
                "billing.refund_request",
            ])
        #expect(flows.sources.map(\.isExposed) == [true, false, false])
        #expect(flows.sinks.map(\.isExposed) == [true, true, true, false])
        #expect(flows.sinks[0].verdict == nil)
        #expect(flows.sinks[1].effects == [.irreversible, .customerFacing])
        #expect(flows.sensitive.count == 3)
    }

    @Test func `sensitive data of an agent without sinks flows nowhere`() throws {
        let flows = try flows(of: "support-triage")
        #expect(
            flows.sources.map(\.name)
                == ["crm.get_customer", "tickets.get_ticket", "tickets.search"])
        #expect(flows.sources.map(\.isExposed) == [true, false, false])
        #expect(flows.sinks.isEmpty && flows.sensitive.isEmpty)
    }

    @Test func `an agent without sensitive data has sources and sinks and no sensitive flow`()
        throws
    {
        let flows = try flows(of: "code-fix")
        #expect(!flows.sources.isEmpty && flows.sources.allSatisfy { !$0.isExposed })
        #expect(flows.sinks.contains { $0.isExposed })
        #expect(flows.sensitive.isEmpty)
    }

    @Test func `no data flows from a tool to itself`() {
        let tool = DataFlows.End(
            name: "crm.reply", effects: [.sensitiveData, .read], verdict: .allow, isExposed: true)
        #expect(DataFlows(sources: [tool], sinks: [tool]).sensitive.isEmpty)
    }

    private func trifecta(of agent: String, _ changes: (String, String)...) throws
        -> LethalTrifecta?
    {
        let name = try #require(AgentName(agent))
        var policy = try acme()
        if let change = changes.first { policy = try acme(change) }
        return try #require(WorstCase(policy, of: name, .asWritten, at: exampleTime)).trifecta
    }

    @Test(.requirement("R009", "R084"))
    func `sensitive data, outsiders' text and a way out of one agent are named together`() throws {
        let found = try #require(try trifecta(of: "refunds"))
        #expect(found.sensitive == ["billing.get_invoice"])
        #expect(
            found.outside.sorted()
                == ["billing.get_invoice", "tickets.get_ticket", "tickets.search"])
        #expect(
            found.exits == [
                "api.carrier.example:443", "crm.send_customer_email", "tickets.close_ticket",
            ])
        #expect(!found.isWatched)
        #expect(found.words.hasPrefix("sensitive data from billing.get_invoice; what outsiders "))
        let name = try #require(AgentName("refunds"))
        let page = try #require(WorstCase(try acme(), of: name, .asWritten, at: exampleTime))
        #expect(page.text.contains("\n  lethal trifecta: \(found.words)\n"))
        #expect(page.json["lethal_trifecta"] == found.json)
    }

    @Test func `an agent that lacks one of the three has no trifecta`() throws {
        // It cannot send; the other reads nothing sensitive.
        #expect(try trifecta(of: "support-triage") == nil)
        #expect(try trifecta(of: "code-fix") == nil)
        let inside = "reviewed: {by: li@acme.example, on: \"2026-11-01\", trust: internal}"
        let name = try #require(AgentName("refunds"))
        func reviewed(_ server: String) -> (String, String) {
            ("  \(server):\n", "  \(server):\n    \(inside)\n")
        }
        let policy = try acme(reviewed("tickets"), reviewed("crm"), reviewed("billing"))
        let page = try #require(WorstCase(policy, of: name, .asWritten, at: exampleTime))
        #expect(page.trifecta == nil && !page.flows.isEmpty)
        #expect(!page.text.contains("trifecta") && page.json["lethal_trifecta"] == JSONValue.null)
    }

    @Test func `taint is said with it`() throws {
        let tier = "    tier: high"
        let found = try #require(
            try trifecta(of: "refunds", (tier, tier + "\n    taint: {mode: strict}")))
        #expect(found.isWatched)
        #expect(found.words.hasSuffix("people decide about calls after outsiders' text"))
    }
}
