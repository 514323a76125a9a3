import InterlockApprovals
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

/// The admission limits before policy and quotas.
@Suite struct `Limits before the policy` {
    private static func head(
        _ bearer: String?, from source: RequestSource = .unknown
    ) -> RequestHead {
        var headers = [(name: "host", value: "localhost:7400")]
        if let bearer { headers.append((name: "authorization", value: "Bearer \(bearer)")) }
        return RequestHead(
            listener: .agents, method: "POST", path: "/mcp", query: nil, headers: headers,
            contentLength: nil, source: source)
    }

    private static func status(_ judgement: HeadDecision) -> Int {
        if case .refuse(let response) = judgement { response.status } else { 200 }
    }

    @Test func `an agent that asks too often is refused on the head, another one is not`() throws {
        let bench = try Bench {
            $0.doors.requests = .perMinute(60)
            $0.doors.burst = 3
        }
        let heads = (0..<5).map { _ in Self.status(bench.pipeline.judge(Self.head("clerk"))) }
        #expect(heads == [200, 200, 200, 429, 429])
        #expect(Self.status(bench.pipeline.judge(Self.head("reader"))) == 200)
        guard case .refuse(let response) = bench.pipeline.judge(Self.head("clerk")) else {
            Issue.record("there is no room")
            return
        }
        #expect(response.headers.contains { $0.name == "retry-after" && $0.value == "1" })
        bench.clock.advance(.seconds(1))
        #expect(Self.status(bench.pipeline.judge(Self.head("clerk"))) == 200)
    }

    @Test func `who sends what does not hold is told to wait, by where it comes from`() throws {
        let bench = try Bench { $0.doors.failures = .perMinute(3) }
        let (here, there) = (
            RequestSource.address(high: 0, low: 1), RequestSource.address(high: 0, low: 2)
        )
        let found = (0..<5).map { _ in
            Self.status(bench.pipeline.judge(Self.head(nil, from: here)))
        }
        #expect(found == [401, 401, 401, 429, 429])
        #expect(Self.status(bench.pipeline.judge(Self.head(nil, from: there))) == 401)
        #expect(
            Self.status(bench.pipeline.judge(Self.head("clerk", from: here))) == 200,
            "nobody is locked out")
        #expect(bench.ledger.drafts(of: .accessRefused).count == 4)
    }

    @Test func `places beyond those that are told apart are counted together`() {
        let pace = SourceRateLimiter(.perMinute(2))
        let now = BootTime(microseconds: 1_000_000)
        for number in 0..<4_096 {
            #expect(pace.fail(from: .address(high: 0, low: UInt64(number)), at: now) == nil)
        }
        let more = (5_000..<5_005).map {
            pace.fail(from: .address(high: 0, low: UInt64($0)), at: now) == nil
        }
        #expect(more == [true, true, false, false, false])
        #expect(pace.fail(from: .address(high: 0, low: 9_999), at: now + .seconds(62)) == nil)
    }

    @Test func `so many calls under way and no more, and a place again when one has ended`()
        async throws
    {
        let bench = try Bench { $0.doors.agentCalls = 1 }
        let client = try await Client.open(bench)
        let waiting = client.begin("note", ["text": "x"])
        let request = try await bench.request()
        check(await client.call("look"), .refused(4290, "inflight"))
        let denial = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denial.fields["rule"] == "inflight.agent")
        #expect(denial.fields["code"] == "limit.inflight")
        try await bench.vote(.deny, on: request.id, by: "ines")
        check(await waiting.answer(), .refused(4031, "denied"))
        check(await client.call("look"), .text("done"))
    }

    @Test func `a server has so many places, whoever calls`() throws {
        var limits = AdmissionLimits()
        limits.serverCalls = 1
        let board = ConcurrencyLimiter(limits)
        let (clerk, reader) = (AgentName("clerk").unwrapped, AgentName("reader").unwrapped)
        let desk = ServerName("desk").unwrapped
        try board.enter(clerk, desk)
        #expect(throws: ConcurrencyLimiter.Full.self) { try board.enter(reader, desk) }
        board.leave(clerk, desk)
        try board.enter(reader, desk)
    }

    @Test func `a limit is named, and those refused together come back apart`() async throws {
        let bench = try Bench(
            policy: [
                ("approvers: finance\n", "approvers: finance\n    limits: {desk.look: 1/h}\n")
            ], stage: 3)
        let client = try await Client.open(bench)
        check(await client.call("look"), .text("done"))
        var waits: Set<Int64> = []
        for _ in 0..<8 {
            let answer = await client.call("look")
            let decision = answer.message?["result"]?["_meta"]?["interlock/decision"]
            #expect(decision?["limit"]?.string == "desk.look")
            let wait = try #require(decision?["retryAfterMs"]?.integer)
            #expect(wait >= 3_600_000 && wait <= 3_661_000 * 11 / 10)
            waits.insert(wait)
        }
        #expect(waits.count > 1)
    }

    @Test func `lists are asked for seldom`() async throws {
        let bench = try Bench { $0.doors.lists = .perMinute(2) }
        let pace = bench.gateway.admission.lists
        let agent = AgentName("clerk").unwrapped
        let found = (0..<3).map { _ in pace.take(agent, at: bench.clock.now.boot) == nil }
        #expect(found == [true, true, false])
    }
}
