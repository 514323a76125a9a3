import InterlockAlerts
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockMonitoring
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Alerts about the agents' activity, with an injected clock.
@Suite struct Monitoring {
    private static func alarms(_ bench: Bench, _ prefix: String) -> [RecordDraft] {
        bench.ledger.drafts(of: .alarmRaised).filter {
            $0.fields["code"]?.string?.hasPrefix(prefix) == true
        }
    }

    /// Simulates `minutes` minutes with `calls` calls in each.
    private static func play(
        _ bench: Bench, _ client: Client, minutes: Int, calls: (Int) -> Int
    ) async throws {
        for minute in 0..<minutes {
            for _ in 0..<calls(minute) { _ = await client.call("look") }
            for _ in 0..<60 {
                bench.clock.advance(.seconds(1))
                bench.gateway.sweepMonitor()
            }
        }
    }

    @Test func `five times the usual calls raise one alarm, and the ladder hears of it`()
        async throws
    {
        let ladder = HeardSignals()
        let bench = try Bench(ladder: ladder)
        let client = try await Client.open(bench)
        try await Self.play(bench, client, minutes: 180) { 3 + $0 % 3 }
        #expect(Self.alarms(bench, "detector.").isEmpty)
        try await Self.play(bench, client, minutes: 5) { _ in 25 }
        let alarms = Self.alarms(bench, "detector.calls")
        let alarm = try #require(alarms.first)
        #expect(alarms.count == 1)
        #expect(alarm.fields["subject"] == "clerk")
        #expect(alarm.fields["cnt"] == 25)
        #expect(alarm.fields["exp"] == 4)
        let signal = try #require(
            ladder.all.first { $0.basis == .learned(.calls, isDiscovery: true) })
        #expect(signal.id.text == alarm.fields["alarm"]?.string)
        #expect(signal.severity == .high)
        #expect(bench.gateway.figures.alerts.figures.raised.contains { $0.key.series == "calls" })
    }

    @Test func `denials are watched like calls`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        _ = await client.call("look")
        try await Self.play(bench, client, minutes: 115) { _ in 0 }
        // The session has ended in the meantime.
        let again = try await Client.open(bench)
        for _ in 0..<40 { _ = await again.call("nuke") }
        try await Self.play(bench, again, minutes: 2) { _ in 0 }
        #expect(Self.alarms(bench, "detector.denials").count == 1)
    }

    @Test func `a call that waits or that the change gate refused is not watched as a denial`()
        async throws
    {
        let run = RunContext(
            run: RunID(milliseconds: 5, random: [UInt8](repeating: 3, count: 10)),
            agent: try #require(AgentName("clerk")), subject: nil)
        let codes = ["policy.forbid", "approval.pending", "eval.eval_missing"]
        for code in codes {
            let bench = try Bench()
            let client = try await Client.open(bench)
            _ = await client.call("look")
            try await Self.play(bench, client, minutes: 115) { _ in 0 }
            for _ in 0..<40 {
                bench.gateway.observe(
                    denial: RecordDraft(.callDenied, run: run, fields: ["code": .string(code)]))
            }
            try await Self.play(bench, client, minutes: 2) { _ in 0 }
            let expected = code == "policy.forbid" ? 1 : 0
            #expect(Self.alarms(bench, "detector.denials").count == expected, "\(code)")
        }
    }

    @Test func `the first use of a server, a tool, a shape, a host and a recipient is said once`()
        throws
    {
        var plan = MonitorPlan()
        let tool = try #require(ToolAddress(wireName: "desk__mail"))
        plan.recipients = [tool: ["to"]]
        let service = AgentMonitorService(plan)
        let clock = FakeClock()
        func signals(_ name: String, _ arguments: JSONValue) throws -> [WatchedSignal] {
            let call = AgentMonitorService.ObservedCall(
                agent: try #require(AgentName("clerk")),
                run: RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)),
                address: try #require(ToolAddress(wireName: name)), arguments: arguments,
                bytesOut: 10, isOutsideHours: false)
            return service.observe(call, at: clock.now).compactMap { finding in
                if case .signal(let signal, _, _, _, _) = finding { signal } else { nil }
            }
        }
        // The very first call of an agent raises no signal.
        #expect(try signals("desk__look", [:]) == [])
        #expect(try signals("other__look", [:]) == [.firstServer])
        #expect(try signals("desk__look", [:]) == [])
        #expect(try signals("desk__mail", ["to": "a@x.example"]) == [.firstTool, .firstRecipient])
        #expect(
            try signals("desk__mail", ["to": ["a@x.example", "b@x.example"]])
                == [.firstShape, .firstRecipient])
        #expect(try signals("desk__mail", ["to": ["a@x.example"]]) == [])
        let link = JSONValue.object(["to": "a@x.example", "at": "https://u@Intra.example:8/x"])
        #expect(try signals("desk__mail", link) == [.firstShape, .firstHost])
        #expect(
            try signals("desk__mail", ["at": "HTTP://INTRA.example", "to": "a@x.example"]) == [])
    }

    @Test func `an annotated signal is on record alone, an alerted one is told`() async throws {
        for isTold in [false, true] {
            let bench = try Bench { if isTold { $0.monitoring.told.insert(.firstTool) } }
            let client = try await Client.open(bench)
            _ = await client.call("look")
            _ = await client.call("report")
            let alarms = Self.alarms(bench, "signal.first_tool")
            #expect(alarms.count == 1)
            #expect(alarms.first?.fields["told"] == (isTold ? nil : false))
            #expect(alarms.first?.fields["tool"] == "desk__report")
        }
    }

    @Test func `what was seen before a restart is no news after it`() async throws {
        let store = MemorySightings()
        func play(_ bench: Bench) async throws -> Int {
            try await bench.gateway.monitors.agents.restore(from: store) {
                OpenSSLHashing().sha256($0)
            }
            let client = try await Client.open(bench)
            _ = await client.call("look")
            _ = await client.call("report")
            try await bench.gateway.monitors.agents.keepSightings(in: store)
            return Self.alarms(bench, "signal.").count
        }
        #expect(try await play(try Bench()) == 1)
        #expect(try await play(try Bench()) == 0)
        // A failing store causes only a report; values that were not stored are retried.
        let bench = try Bench()
        let failing = MemorySightings(fails: true)
        try await bench.gateway.monitors.agents.restore(from: store) { _ in
            Digest(bytes: [UInt8](repeating: 9, count: 32))!
        }
        let client = try await Client.open(bench)
        _ = await client.call("look")
        await #expect(throws: StoreFailure.self) {
            try await bench.gateway.monitors.agents.keepSightings(in: failing)
        }
        let count = store.count
        try await bench.gateway.monitors.agents.keepSightings(in: store)
        #expect(store.count == count + 1)
    }

    @Test func `a run that goes on for longer than it may is told once`() async throws {
        let bench = try Bench { $0.monitoring.longRun = .seconds(600) }
        let client = try await Client.open(bench)
        try await Self.play(bench, client, minutes: 20) { _ in 1 }
        let alarms = Self.alarms(bench, "signal.long_run")
        #expect(alarms.count == 1)
        #expect(alarms.first?.fields["ofrun"] != nil)
    }

    @Test func `who acts more than an hour outside its hours is noticed, refused or not`()
        async throws
    {
        let hours =
            "hours: {days: mon-fri, from: \"09:00\", to: \"10:00\", tz: UTC}"
        let bench = try Bench(policy: [("purpose: Reads", "purpose: Reads\n    \(hours)")])
        bench.clock.advance(.seconds(3_600))
        let client = try await Client.open(bench, as: "reader")
        for _ in 0..<3 { _ = await client.call("look") }
        #expect(Self.alarms(bench, "signal.outside_hours").count == 1)
        bench.clock.advance(.seconds(3_700))
        _ = try await Client.open(bench, as: "reader").call("look")
        #expect(Self.alarms(bench, "signal.outside_hours").count == 2)
    }
}

private final class HeardSignals: SignalLadder {
    private let heard = Mutex<[RaisedSignal]>([])
    var all: [RaisedSignal] { heard.withLock { $0 } }
    func take(_ signal: RaisedSignal) { heard.withLock { $0.append(signal) } }
    func take(_ sent: SentSecret) {}
}

private final class MemorySightings: SightingStore {
    private let kept = Mutex<Set<Digest>>([])
    private let fails: Bool
    init(fails: Bool = false) { self.fails = fails }
    var count: Int { kept.withLock { $0.count } }

    func sightings(most: Int) async throws(StoreFailure) -> [Digest] {
        Array(kept.withLock { $0 }.prefix(most))
    }
    func keep(sightings: [Digest]) async throws(StoreFailure) {
        guard !fails else { throw StoreFailure(reason: "no space left") }
        kept.withLock { $0.formUnion(sightings) }
    }
}
