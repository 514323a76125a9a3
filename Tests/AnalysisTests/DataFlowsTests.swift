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
}
