import InterlockEvidence
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The level of a run and the calls that raised it, as people read them.
@Suite(.requirement("R084")) struct RunTaintQueryServiceTests {
    private static let run = NameAuthenticator.run(of: "clerk")
    /// A run that has made no request since the start of the gateway.
    private static let earlier = RunID(milliseconds: 3, random: [UInt8](repeating: 1, count: 10))
    private static let first = CallID(milliseconds: 7, random: [UInt8](repeating: 2, count: 10))
    private static let later = CallID(milliseconds: 9, random: [UInt8](repeating: 3, count: 10))
    private static let time = Timestamp(microseconds: 1_795_169_731_500_000)
    private static let read = UntrustedRead(call: first, at: time)
    private static let li = People.all["li"].person
    private static let everyone = Visibility(operator: li)

    /// A gateway at which the agent `clerk` has begun its run.
    private func begun() async throws -> Bench {
        let bench = try Bench()
        let client = try await Client.open(bench)
        _ = await client.tools()
        return bench
    }

    private func report(
        _ bench: Bench, of run: RunID = RunTaintQueryServiceTests.run,
        for viewer: Visibility = RunTaintQueryServiceTests.everyone
    ) -> RunTaintReport? {
        RunTaintQueryService(gateway: bench.gateway).report(of: run, for: viewer)
    }

    @Test
    func `the level of a run is shown with the call that raised it, to those who see its agent`()
        async throws
    {
        let bench = try Bench()
        #expect(report(bench) == nil)
        let client = try await Client.open(bench)
        _ = await client.tools()
        #expect(report(bench)?.level == .clean && report(bench)?.sources.isEmpty == true)
        check(await client.call("look"), .text("done"))
        let taint = try #require(report(bench))
        #expect(taint.level == .hostile && taint.agent?.text == "clerk")
        #expect(taint.sources.map { $0.address?.description } == ["desk.look"])
        let stranger = Visibility(person: Self.li, roles: [], own: [])
        #expect(report(bench, for: stranger) == nil)
    }

    @Test func `a read and a later marker are two sources, the second with its kinds`()
        async throws
    {
        let bench = try await begun()
        let tainted = bench.gateway.runs.tainted
        tainted.add(Self.run, Self.read, level: .untrusted)
        #expect(report(bench)?.level == .untrusted)
        tainted.raise(
            Self.run, by: MarkedRead(call: Self.later, at: Self.time, kinds: ["a", "b"]))
        let taint = try #require(report(bench))
        #expect(taint.level == .hostile)
        #expect(taint.sources.map(\.call) == [Self.first, Self.later])
        #expect(taint.sources.map(\.kinds) == [[], ["a", "b"]])
    }

    @Test func `a call whose content has a marker is one source`() async throws {
        let bench = try await begun()
        let tainted = bench.gateway.runs.tainted
        tainted.add(Self.run, Self.read, level: .untrusted)
        tainted.raise(Self.run, by: MarkedRead(call: Self.first, at: Self.time, kinds: ["a"]))
        let taint = try #require(report(bench))
        #expect(taint.sources.map(\.call) == [Self.first])
        #expect(taint.sources.map(\.kinds) == [["a"]])
    }

    @Test func `without room for a run every run is shown as hostile`() async throws {
        let bench = try await begun()
        bench.gateway.runs.tainted.addEvery(Self.read)
        for run in [Self.run, Self.earlier] {
            let taint = try #require(report(bench, of: run))
            #expect(taint.level == .hostile && taint.sources.map(\.call) == [Self.first])
        }
    }

    @Test func `a run without a known agent is shown to those alone who see all`() async throws {
        let bench = try await begun()
        let owner = Visibility(
            person: Self.li, roles: [], own: [AgentName("clerk").unwrapped])
        #expect(report(bench, for: owner)?.level == .clean)
        #expect(report(bench, of: Self.earlier) == nil)
        bench.gateway.runs.tainted.add(Self.earlier, Self.read)
        #expect(report(bench, of: Self.earlier, for: owner) == nil)
        let taint = try #require(report(bench, of: Self.earlier))
        #expect(taint.agent == nil && taint.level == .hostile)
    }
}
