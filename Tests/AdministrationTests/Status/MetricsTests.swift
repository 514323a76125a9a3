import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct MetricsTests {
    private func text(_ bench: Bench) -> String {
        Metrics(bench).text
    }

    @Test func `a call and a refusal are counted by agent, tool and code`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        _ = await client.call("look")
        _ = try await bench.halt(.tool(try #require(address("desk", "look"))))
        _ = await client.call("look")
        let text = text(bench)
        let series = #"{agent="clerk",server="desk",tool="look",verdict="#
        #expect(text.contains("\ninterlock_calls_total\(series)\"allow\"} 1\n"))
        #expect(text.contains("\ninterlock_calls_total\(series)\"deny\"} 1\n"))
        #expect(
            text.contains(
                "\ninterlock_denials_total{agent=\"clerk\",reason=\"kill.halted\"} 1\n"), "\(text)")
        #expect(text.contains("\ninterlock_halts_active{scope=\"tool\"} 1\n"))
        #expect(text.contains("\ninterlock_halts_active{scope=\"org\"} 0\n"))
        #expect(text.contains("\ninterlock_inflight{server=\"desk\"} 0\n"))
    }

    @Test func `a call of a halted agent is denied in every count`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        _ = await client.call("look")
        _ = try await bench.halt(.agent(try #require(AgentName("clerk"))))
        for _ in 0..<2 { _ = await client.call("look") }
        let text = text(bench)
        #expect(text.contains("\ninterlock_calls_denied_total 2\n"), "\(text)")
        #expect(text.contains("\ninterlock_calls_halted_total 2\n"))
        #expect(
            text.contains("\ninterlock_denials_total{agent=\"clerk\",reason=\"kill.halted\"} 2\n"))
    }

    @Test func `what is in no register is other`() throws {
        let bench = try Bench()
        let stranger = try #require(AgentName("stranger"))
        bench.gateway.tally.count(.allow, of: stranger, at: address("nowhere", "x"))
        bench.gateway.tally.count(
            .allow, of: stranger, at: address("desk", "never-pinned"))
        let text = text(bench)
        #expect(text.contains(#"{agent="other",server="other",tool="other",verdict="allow"} 1"#))
        #expect(text.contains(#"{agent="other",server="desk",tool="other",verdict="allow"} 1"#))
        #expect(!text.contains("stranger") && !text.contains("never-pinned"))
    }

    @Test func `there are never more series than the limit, and what is left out is counted`()
        throws
    {
        let bench = try Bench()
        let many = MetricFamily(
            "many", .gauge, "Too many.", labels: ["number"],
            series: { _ in (0..<20_000).map { MetricSample(1, ["\($0)"]) } })
        let metrics = Metrics(bench)
        let text = metrics.text(of: [many] + MetricFamily.all)
        let series = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(series.count <= Metrics.maximumSeries)
        #expect(series.count { $0.hasPrefix("interlock_many{") } > 9000)
        let dropped = bench.gateway.tally.dropped
        #expect(dropped > 10_000)
        #expect(text.contains("\ninterlock_metrics_dropped_total \(dropped)\n"))
        #expect(text.contains("\ninterlock_ledger_size "), "those with one series are all there")
    }

    @Test func `a tally keeps a bounded number of names`() throws {
        let tally = CallTally()
        let agent = try #require(AgentName("clerk"))
        for number in 0..<CallTally.maximumKept + 10 {
            tally.countDenial(of: agent, at: nil, code: "made.up\(number)")
        }
        #expect(tally.denials.count == CallTally.maximumKept && tally.dropped == 10)
    }

    @Test func `a label's text is escaped as the format has it`() throws {
        let bench = try Bench()
        let family = MetricFamily(
            "odd", .gauge, "Odd.", labels: ["text"],
            series: { _ in [MetricSample(7, ["a\"b\\c\nd"])] })
        let text = Metrics(bench).text(of: [family])
        #expect(text.hasSuffix("interlock_odd{text=\"a\\\"b\\\\c\\nd\"} 7\n"))
    }

    private func address(_ server: String, _ tool: String) -> ToolAddress? {
        guard let server = ServerName(server), let tool = ToolName(tool) else { return nil }
        return ToolAddress(server: server, tool: tool)
    }
}
