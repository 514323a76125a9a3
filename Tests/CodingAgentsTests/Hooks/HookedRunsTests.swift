import InterlockCredentials
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockHookDecisions

/// The bounds of what is remembered of hooks.
@Suite struct HookedRunsTests {
    private static func digest(_ number: Int) -> Digest {
        Digest(words: (UInt64(number), 2, 3, 4))
    }
    private static func time(_ seconds: Int64) -> BootTime {
        BootTime(microseconds: seconds * 1_000_000)
    }
    private static func arrival(_ key: Int, at seconds: Int64) -> MCPCallMatcher.Arrival {
        MCPCallMatcher.Arrival(
            key: digest(key),
            call: CallID(milliseconds: 0, random: [UInt8](repeating: 1, count: 10)),
            tool: "desk__look", at: time(seconds))
    }

    @Test func `the newest asked calls are remembered`() {
        var asked = AskedCalls()
        for number in 0...AskedCalls.most { asked.note(Self.digest(number), .permitted) }
        #expect(asked[Self.digest(0)] == nil)
        #expect(asked[Self.digest(AskedCalls.most)] == .permitted)
        asked.note(Self.digest(AskedCalls.most), .denied)
        #expect(asked[Self.digest(AskedCalls.most)] == .denied)
    }

    @Test func `two events of one call cover one call`() {
        var calls = MCPCallMatcher()
        for _ in 0..<2 {
            calls.pass(Self.digest(1), session: Self.digest(2), call: Self.digest(3))
        }
        calls.arrive(Self.arrival(1, at: 0))
        calls.arrive(Self.arrival(1, at: 0))
        #expect(calls.overdue(at: Self.time(4)).count == 1)
        #expect(calls.overdue(at: Self.time(4)).isEmpty)
    }

    @Test func `events of a session that ended cover no call`() {
        var calls = MCPCallMatcher()
        calls.pass(Self.digest(1), session: Self.digest(2), call: nil)
        calls.end(Self.digest(2))
        calls.arrive(Self.arrival(1, at: 0))
        #expect(calls.overdue(at: Self.time(9)).count == 1)
    }

    /// Each call is either covered by an event, or overdue once, whatever the order.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func `a call is covered exactly if an event is left for it`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var calls = MCPCallMatcher()
        var (events, open, found) = ([Int: Int](), [Int: Int](), [Int: Int]())
        for _ in 0..<200 {
            let key = Int.random(in: 0..<5, using: &random)
            if Bool.random(using: &random) {
                calls.pass(Self.digest(key), session: Self.digest(9), call: nil)
                let isAwaited = open[key, default: 0] > 0
                if isAwaited { open[key, default: 0] -= 1 } else { events[key, default: 0] += 1 }
            } else {
                calls.arrive(Self.arrival(key, at: 0))
                let isCovered = events[key, default: 0] > 0
                if isCovered { events[key, default: 0] -= 1 } else { open[key, default: 0] += 1 }
            }
        }
        for arrival in calls.overdue(at: Self.time(4)) {
            let key = (0..<5).first { Self.digest($0) == arrival.key }
            found[key ?? -1, default: 0] += 1
        }
        #expect(found == open.filter { $0.value > 0 }, "seed \(seed)")
    }

    @Test func `a run that was forgotten is known in part alone`() {
        var runs = HookedRuns(since: Timestamp(microseconds: 0))
        let agent = AgentName("clerk").unwrapped
        func context(_ number: Int) -> RunContext {
            let run = RunID(
                milliseconds: Int64(number), random: [UInt8](repeating: 0, count: 10))
            return RunContext(run: run, agent: agent, subject: nil)
        }
        for number in 0...HookedRuns.most {
            let isWhole = runs.change(context(number), at: Self.time(Int64(number)), isBegin: true)
            { $0.isWhole }
            #expect(isWhole)
        }
        #expect(runs.runs.count == HookedRuns.most && runs.runs[context(0).run] == nil)
        let isWhole = runs.change(context(0), at: Self.time(9000), isBegin: true) { $0.isWhole }
        #expect(!isWhole)
    }

    @Test func `names of tools match as hosts write them`() {
        let hashing = OpenSSLHashing()
        let arguments: JSONValue = ["b": 1, "a": [2]]
        let turned: JSONValue = ["a": [2], "b": 1]
        let known = MCPCallDigest.of("desk.x__look up", arguments, hashing)
        #expect(known == MCPCallDigest.of("desk_x__look_up", turned, hashing))
        #expect(known != MCPCallDigest.of("desk_x__look_up", [:], hashing))
        #expect(known != MCPCallDigest.of("desk_x__look-up", turned, hashing))
    }
}
