import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Durations in `/metrics`: calls, their stages, and decisions by people.
@Suite struct Histograms {
    private func text(_ bench: Bench) -> String {
        Metrics(bench).text
    }

    @Test func `a time is in its bucket and in each larger one`() {
        let times = Histogram()
        for time: Int64 in [0, 50, 51, 9_999_999, 10_000_001] { times.record(microseconds: time) }
        #expect(times.cumulated.first == 2)
        #expect(times.cumulated[1] == 3)
        #expect(times.cumulated.suffix(2) == [4, 5])
        #expect(times.cumulated.count == times.bounds.count + 1)
        #expect(times.sumMicroseconds == 20_000_101)
        #expect(Histogram.ofCalls.first == 50 && Histogram.ofCalls.last == 10_000_000)
    }

    @Test(
        arguments: [
            ([], 0.5, nil), ([10], 0.5, 50), ([10, 10, 10, 10], 0.5, 25), ([10, 10], 0.01, 25),
            ([60, 60, 20_000_000], 0.5, 87), ([60, 20_000_000], 1, 10_000_000),
            ([Int64](repeating: 900, count: 100), 0.99, 995),
        ] as [([Int64], Double, Int64?)])
    func `a quantile lies between the bounds of its bucket`(
        times: [Int64], share: Double, wanted: Int64?
    ) {
        var counts = DurationCounts()
        let histogram = Histogram()
        for time in times {
            counts.add(microseconds: time)
            histogram.record(microseconds: time)
        }
        #expect(counts.quantile(share) == wanted)
        #expect(DurationCounts(histogram) == counts && counts.count == times.count)
        #expect((counts + counts - counts).quantile(share) == wanted)
        #expect((DurationCounts() - counts).count == 0)
    }

    @Test func `many at once lose none`() async {
        let (one, times) = (Histogram(), CallTimes())
        let servers = (0..<100).compactMap { ServerName("s\($0)") }
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<10_000 {
                        one.record(microseconds: Int64(number))
                        times.record(microseconds: 1, at: servers[number % 100], .write)
                    }
                }
            }
        }
        #expect(one.cumulated.last == 80_000)
        #expect(times.all.count == 100)
        #expect(times.all.allSatisfy { $0.times.cumulated.last == 800 })
    }

    @Test func `a server more than there is room for is not timed`() throws {
        let times = CallTimes()
        for number in 0..<CallTimes.mostServers + 5 {
            let server = try #require(ServerName("s\(number)"))
            times.record(microseconds: 1, at: server, .read)
        }
        #expect(times.all.count == CallTimes.mostServers)
    }

    @Test func `a call that was sent is timed with its server and class, and so is each stage`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        _ = await client.call("look")
        _ = await client.call("audit")
        let text = text(bench)
        #expect(
            text.contains(
                "\ninterlock_call_seconds_count{server=\"desk\",class=\"read\"} 1\n"), "\(text)")
        #expect(
            text.contains(
                "\ninterlock_call_seconds_bucket{server=\"desk\",class=\"read\",le=\"+Inf\"} 1\n"))
        #expect(text.contains("\n# TYPE interlock_call_seconds histogram\n"))
        // The second call was denied: it reached `decide` and went no further.
        #expect(text.contains("\ninterlock_stage_seconds_count{stage=\"resolve\"} 2\n"))
        for stage in PipelineStage.allCases.dropFirst(5) {
            #expect(
                text.contains("\ninterlock_stage_seconds_count{stage=\"\(stage)\"} 1\n"),
                "\(stage)")
        }
    }

    @Test func `a histogram that has no room is left out whole`() throws {
        let bench = try Bench()
        let times = Histogram()
        let many = MetricFamily(
            "many_seconds", .histogram, "Too many.", labels: ["number"],
            series: { _ in (0..<1_000).flatMap { MetricSample.samples(of: times, ["\($0)"]) } })
        let text = Metrics(bench).text(of: [many])
        let lines = text.split(separator: "\n")
        let counts = lines.count { $0.contains("_count{") }
        #expect(counts == lines.count { $0.contains(#"le="+Inf""#) })
        #expect(counts == lines.count { $0.contains("_sum{") })
        #expect(counts == 500)
        #expect(bench.gateway.tally.dropped == 10_000)
    }

    @Test func `what people said is counted by what they said it with, and how long it took`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        async let waiting = client.call("pay", ["n": 1])
        let request = try await bench.request()
        let tier = request.decision.tier.rawValue
        #expect(text(bench).contains("\ninterlock_approvals_pending{tier=\"\(tier)\"} 1\n"))
        bench.clock.advance(.seconds(20))
        try await bench.vote(on: request.id, by: "ines")
        try await bench.vote(on: request.id, by: "paul")
        _ = await waiting
        let text = text(bench)
        #expect(
            text.contains(
                "\ninterlock_approval_votes_total{verdict=\"approve\",channel=\"key\"} 2\n"),
            "\(text)")
        #expect(text.contains("\ninterlock_approval_seconds_count{tier=\"\(tier)\"} 1\n"))
        #expect(
            text.contains("\ninterlock_approval_seconds_bucket{tier=\"\(tier)\",le=\"15.0\"} 0\n"))
        #expect(
            text.contains("\ninterlock_approval_seconds_bucket{tier=\"\(tier)\",le=\"30.0\"} 1\n"))
        #expect(text.contains("\ninterlock_approvals_pending{tier=\"\(tier)\"} 0\n"))
    }

    @Test func `a call over a limit is counted by the limit's name`() async throws {
        let bench = try Bench(
            policy: [
                ("approvers: finance\n", "approvers: finance\n    limits: {desk.look: 4/m}\n")
            ], stage: 3)
        let client = try await Client.open(bench)
        for _ in 0..<6 { _ = await client.call("look") }
        #expect(text(bench).contains("\ninterlock_limit_denied_total{limit=\"desk.look\"} 2\n"))
    }

    @Test func `witnesses are told by name`() throws {
        let bench = try Bench(quorum: FakeQuorum(answers: true))
        #expect(text(bench).contains("\ninterlock_witness_lag_seconds{witness=\"w1\"} 7\n"))
    }
}
