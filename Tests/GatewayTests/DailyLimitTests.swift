import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The limits of the configuration on what an agent takes in 24 hours.
@Suite struct DailyLimitTests {
    private let agent = AgentName("clerk")
    private let most: Int64 = 1_000

    private func service(_ clock: FakeClock, log: LimitLog? = nil) -> LimitService {
        LimitService(clock: clock, bootID: "boot", log: log)
    }

    @Test func `a result above the rest is not counted, and a full window admits no call`() throws {
        let (clock, agent) = (FakeClock(), try #require(agent))
        let limits = service(clock)
        try limits.take(600, .resultBytes, of: agent, most: most)
        #expect(throws: LimitExceeded.self) {
            try limits.take(401, .resultBytes, of: agent, most: most)
        }
        try limits.check(.resultBytes, of: agent, most: most)
        try limits.take(400, .resultBytes, of: agent, most: most)
        let exceeded = #expect(throws: LimitExceeded.self) {
            try limits.check(.resultBytes, of: agent, most: most)
        }
        #expect(exceeded?.taken == 1_000 && exceeded?.free != nil)
        try limits.check(
            .resultBytes, of: try #require(AgentName("coder")), most: most)
        clock.advance(.seconds(88_000))
        try limits.check(.resultBytes, of: agent, most: most)
    }

    /// A gateway whose agent may get so many bytes, with a server whose results have 512.
    private func bench(_ bytes: Int) throws -> Bench {
        let bench = try Bench { $0.doors.resultBytes = bytes }
        func result(_ length: Int) -> JSONObject {
            ["content": [["type": "text", "text": .string(String(repeating: "a", count: length))]]]
        }
        let whole = result(512 - result(0).serialized().count)
        bench.upstreams.answer { _ in .result(whole, bytes: whole.serialized()) }
        return bench
    }

    @Test func `an agent that got all its bytes makes no further call`() async throws {
        let bench = try bench(1_024)
        let client = try await Client.open(bench)
        for _ in 0..<2 { _ = await client.call("look") }
        #expect(bench.ledger.drafts(of: .callOutcome).allSatisfy { $0.fields["st"] == "ok" })
        check(await client.call("look"), .refused(4290, "limit"))
        #expect(bench.upstreams.sent.count == 2)
        let denial = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denial.fields["rule"] == "result_bytes")
        bench.clock.advance(.seconds(88_000))
        let again = try await Client.open(bench)
        _ = await again.call("look")
        #expect(bench.upstreams.sent.count == 3)
    }

    @Test
    func `a result that exceeds the limit is kept back, and the agent hears that it was executed`()
        async throws
    {
        let bench = try bench(1_100)
        let client = try await Client.open(bench)
        for _ in 0..<2 { _ = await client.call("look") }
        check(await client.call("look"), .refused(5020, "result-bytes"))
        #expect(bench.upstreams.sent.count == 3)
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(
            outcome.fields["st"] == "withheld" && outcome.fields["code"] == "limit.result_bytes")
    }

    @Test
    func `servers sample so many tokens and no more, each recorded before the caller is asked`()
        async throws
    {
        let bench = try Bench(policy: Asking.asks) { $0.doors.samplingTokens = 15 }
        Asking.upstream(bench, [[Asking.sample]])
        let client = try await `Questions to legacy callers`.open(bench)
        let call = client.begin("look")
        let sample = try await `Questions to legacy callers`.question(call)
        let reserved = try #require(bench.ledger.drafts(of: .budgetReserved).first)
        #expect(reserved.fields["name"] == "sampling_tokens" && reserved.fields["amt"] == 10)
        #expect(reserved.fields["left"] == 5)
        _ = await client.post(
            `Questions to legacy callers`.answer(
                sample["id"], ["role": "assistant", "content": [:], "model": "small"]))
        check(await call.answer(), .text("asked: small"))
        guard case .text(let declined) = Expected(await client.begin("look").answer()) else {
            Issue.record("the call was not answered")
            return
        }
        #expect(declined.hasPrefix("asked: error"))
        #expect(bench.ledger.drafts(of: .budgetReserved).count == 1)
        #expect(bench.ledger.drafts(of: .callInput).last?.fields["refused"] == ["tokens"])
    }

    @Test func `tokens on record count after a restart`() throws {
        var reading = LimitReading(LimitMap(try BenchPolicy.snapshot()))
        let record =
            #"{"agent":"clerk","amt":10,"boot":"boot","call":"01kag0q9m2c4e6g8j0k2n4p6r8","mono":95169731500000,"name":"sampling_tokens","t":"budget.reserved","ts":1795169731500000}"#
        try #require({ reading.take(ArraySlice(record.utf8), at: 0) }())
        let (clock, agent) = (FakeClock(), try #require(agent))
        let limits = service(clock, log: reading.status?.limits)
        try limits.take(5, .samplingTokens, of: agent, most: 15)
        #expect(throws: LimitExceeded.self) {
            try limits.take(1, .samplingTokens, of: agent, most: 15)
        }
    }

    @Test func `a log says how many bytes an agent got, and one that cannot be read says nothing`()
    {
        let map = try? LimitMap(BenchPolicy.snapshot())
        func read(_ outcome: String) -> Bool? {
            var reading = map.map { LimitReading($0) }
            return reading?.take(ArraySlice(outcome.utf8), at: 0)
        }
        let call = "01kag0q9m2c4e6g8j0k2n4p6r8"
        func outcome(_ rest: String) -> String {
            #"{"boot":"b","call":"\#(call)","mono":1,"st":"ok","t":"call.outcome","ts":1\#(rest)}"#
        }
        #expect(read(outcome("")) == true)
        #expect(read(outcome(#","zz":1"#)) == true)
        #expect(read(outcome(#","out":{"n":5},"res":{"n":"x"}"#)) == true)
        #expect(read(outcome(#","res":{"n":"x"}"#)) == false)
        #expect(read(outcome(#","res":{"n":-1}"#)) == false)
        #expect(read(outcome(#","res":{"m":1}"#)) == false)
    }
}
