import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The last hour after a restart.
struct RecentCallsTests {
    private let end = Timestamp(microseconds: 1_795_169_000_000_000)

    private static let run = "01kag0q9v4x2m7c8d3e5f6g7h9"

    private func record(
        _ type: String, secondsBefore seconds: Int64, _ more: JSONObject = [:]
    ) throws -> StoredRecord {
        var object: JSONObject = [
            "v": 1, "t": .string(type), "org": "o", "node": "n", "boot": "b", "mono": 1,
            "ts": .integer((end - .seconds(seconds)).microseconds),
        ]
        for (name, value) in more.members { object[name] = value }
        return try StoredRecord(parsing: try JSONValue.object(object).canonical())
    }

    private func recent() throws -> RecentCalls {
        var recent = RecentCalls(before: end)
        let records = [
            try record(
                "call.intent", secondsBefore: 4000, ["run": .string(Self.run), "agent": "clerk"]),
            try record(
                "call.outcome", secondsBefore: 1,
                ["st": "ok", "run": .string(Self.run), "dur": 900]),
            try record("call.outcome", secondsBefore: 61, ["st": "tool_error"]),
            try record("call.outcome", secondsBefore: 61, ["st": "error"]),
            try record("call.outcome", secondsBefore: 61, ["st": "withheld"]),
            try record("call.outcome", secondsBefore: 61, ["st": "ok", "late": true]),
            try record("call.intent", secondsBefore: 61, ["agent": "clerk"]),
            try record("call.denied", secondsBefore: 3599, ["agent": "clerk", "cnt": 1]),
            try record("call.denied", secondsBefore: 61, ["agent": "clerk", "cnt": 40]),
            try record("call.denied", secondsBefore: 3601, ["agent": "clerk", "cnt": 7]),
            try record("call.outcome", secondsBefore: 0, ["st": "ok"]),
            try record("call.outcome", secondsBefore: -5, ["st": "ok"]),
        ]
        for record in records { recent.add(record) }
        return recent
    }

    @Test func `calls of the hour before the start are counted by minute, agent and end`() throws {
        let minutes = try recent().minutes
        #expect(minutes.keys.sorted() == [0, 1, 59])
        #expect(minutes[0]?.allowed == 1 && minutes[1]?.allowed == 1)
        #expect(minutes[1]?.denied == 40 && minutes[59]?.denied == 1)
        #expect(minutes[0]?.times.count == 1 && minutes[1]?.times.count == 0)
    }

    @Test func `a call that used an approval is counted as approved once it ran`() throws {
        var recent = RecentCalls(before: end)
        for record in [
            try record("approval.used", secondsBefore: 130, ["use": "a"]),
            try record("approval.used", secondsBefore: 130, ["use": "b"]),
            try record("call.outcome", secondsBefore: 61, ["st": "ok", "call": "a"]),
            try record("call.outcome", secondsBefore: 61, ["st": "error", "call": "b"]),
            try record("call.outcome", secondsBefore: 61, ["st": "ok", "call": "c"]),
        ] { recent.add(record) }
        #expect(recent.minutes[1]?.allowed == 2 && recent.minutes[1]?.approved == 1)
        var hour = LastHour(at: ClockReading(wall: end, boot: BootTime(microseconds: 50_000_000)))
        hour.refill(recent)
        #expect((hour.allowed, hour.approved) == (2, 1))
    }

    @Test func `steps of the wall clock in that hour are kept with their distance`() throws {
        var recent = try recent()
        recent.add(try record("clock.step", secondsBefore: 600, ["step": -61_000_000]))
        recent.add(try record("clock.step", secondsBefore: 3601, ["step": 90_000_000]))
        #expect(recent.clockSteps.map(\.before) == [.seconds(600)])
        #expect(recent.clockSteps.map(\.distance) == [.seconds(-61)])
    }

    @Test func `halts and releases of that hour have the times of their records`() throws {
        var recent = RecentCalls(before: end)
        let halt = OrderID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
        let release = OrderID(milliseconds: 2, random: [UInt8](repeating: 2, count: 10))
        let older = OrderID(milliseconds: 3, random: [UInt8](repeating: 3, count: 10))
        for record in [
            try record("kill.requested", secondsBefore: 3601, ["req": .string(older.text)]),
            try record("kill.requested", secondsBefore: 600, ["req": .string(halt.text)]),
            try record("kill.effective", secondsBefore: 599, ["req": .string(halt.text)]),
            try record("kill.release_requested", secondsBefore: 61, ["req": .string(release.text)]),
            try record("kill.released", secondsBefore: 60, ["req": .string(release.text)]),
        ] { recent.add(record) }
        #expect(recent.orders == [halt: end - .seconds(600), release: end - .seconds(60)])
    }

    @Test func `the last hour has them in front, once, and forgets them as time passes`() throws {
        func moment(_ seconds: Int64) -> ClockReading {
            ClockReading(
                wall: end + .seconds(seconds),
                boot: BootTime(microseconds: 50_000_000 + seconds * 1_000_000))
        }
        var hour = LastHour(at: moment(0))
        hour.note(allowed: 2, denied: 3, at: moment(10))
        #expect(!hour.isRefilled)
        for _ in 0..<2 { hour.refill(try recent()) }
        #expect(hour.isRefilled)
        // The oldest minute is no part of the hour any more that has a minute of its own now.
        #expect((hour.allowed, hour.denied) == (4, 43))
        #expect(hour.minutes.count == LastHour.length)
        let starts = hour.minutes.map(\.start)
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == .seconds(60) })
        hour.note(allowed: 2, denied: 3, at: moment(58 * 60))
        #expect((hour.allowed, hour.denied) == (3, 3))
    }

    @Test func `minutes before the log was made are not known, and are not 0`() throws {
        var young = try recent()
        young.add(try record("log.genesis", secondsBefore: 130))
        #expect(young.known == 3)
        let now = ClockReading(wall: end, boot: BootTime(microseconds: 50_000_000))
        var hour = LastHour(at: now)
        hour.refill(young)
        // Three of the log and the one that has not ended.
        #expect(hour.minutes.count == 4 && hour.minutes[0].start == end - .seconds(180))
        #expect(hour.isRefilled && hour.allowed == 2 && hour.denied == 40)
        var old = try recent()
        old.add(try record("log.genesis", secondsBefore: 3700))
        #expect(old.known == nil)
        var whole = LastHour(at: now)
        whole.refill(old)
        #expect(whole.minutes.count == LastHour.length)
    }

    @Test func `an agent's refusals of the last hour have them too`() throws {
        let clerk = try #require(AgentName("clerk"))
        var hour = AgentHour()
        let now = ClockReading(
            wall: end + .seconds(30), boot: BootTime(microseconds: 90_000_000))
        hour.note([clerk: CallCounts(refused: 2)], at: now.boot)
        hour.refill(try recent(), at: now)
        #expect(hour[clerk] == CallCounts(done: 1, refused: 43))
        hour.note([clerk: CallCounts(refused: 2)], at: now.boot + .seconds(60))
        #expect(hour[clerk] == CallCounts(done: 1, refused: 42))
        hour.note([clerk: CallCounts(refused: 2)], at: now.boot + .seconds(3600))
        #expect(hour[clerk] == CallCounts())
    }
}
