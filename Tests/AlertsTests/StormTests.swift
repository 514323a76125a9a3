import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAlerts

/// The notifications that a storm folds, and its summary of them.
@Suite struct Storms {
    private static let now = Alerting.now

    private func topics(
        _ number: Int, _ kind: ApprovalNotification.Kind = .requested, agent: String = "refunds"
    ) throws -> OutgoingNotification {
        let random = [UInt8](repeating: 3, count: 8) + [UInt8(number >> 8), UInt8(number & 255)]
        let topics = ApprovalNotification(
            kind, request: ApprovalID(milliseconds: 1, random: random), revision: 1,
            agent: try #require(AgentName(agent)),
            tool: ToolAddress(
                server: try #require(ServerName("billing")), tool: try #require(ToolName("pay"))),
            tier: .medium, deadline: Self.now + .seconds(900))
        return try #require(
            topics.alert(AlertID(milliseconds: 1, random: random), at: Self.now, url: nil))
    }

    private func alarm(_ number: Int, _ severity: AlertSeverity = .high) throws
        -> OutgoingNotification
    {
        try Alerting.alert(key: "alarm-\(number)", severity)
    }

    private func isTold(_ verdict: NotificationGrouping.Verdict) -> Bool {
        if case .tell = verdict { true } else { false }
    }

    @Test func `an agent that asks a lot silences no alarm, and no other agent`() throws {
        var grouping = NotificationGrouping()
        for number in 0..<200 { _ = grouping.take(try topics(number), now: Self.now) }
        #expect(isTold(grouping.take(try alarm(1), now: Self.now)))
        #expect(isTold(grouping.take(try topics(300, agent: "support"), now: Self.now)))
        #expect(!isTold(grouping.take(try topics(301), now: Self.now)))
    }

    @Test func `what is less grave silences nothing that is graver`() throws {
        var grouping = NotificationGrouping()
        for number in 0..<100 {
            _ = grouping.take(try alarm(number, .low), now: Self.now)
            _ = grouping.take(try topics(number, .withdrawn), now: Self.now)
        }
        #expect(isTold(grouping.take(try alarm(200), now: Self.now)))
        #expect(isTold(grouping.take(try topics(200), now: Self.now)))
        #expect(!isTold(grouping.take(try alarm(201, .low), now: Self.now)))
        #expect(!isTold(grouping.take(try topics(201, .withdrawn), now: Self.now)))
    }

    @Test func `what only repeats itself makes no storm`() throws {
        var grouping = NotificationGrouping()
        for _ in 0..<1000 { _ = grouping.take(try alarm(1), now: Self.now) }
        #expect(isTold(grouping.take(try alarm(2), now: Self.now)))
    }

    @Test func `every request is told, by itself or by name in a summary, and once`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<50 {
            var grouping = NotificationGrouping()
            var (now, told, held) = (Self.now, [String](), 0)
            func note(_ storm: NotificationStorm) {
                told += storm.requests
                held -= storm.held
                #expect(storm.requests.count <= NotificationGrouping.mostListed)
                #expect(storm.source.agent == "refunds")
            }
            let count = Int.random(in: 1...400, using: &random)
            for number in 0..<count {
                if Int.random(in: 0..<50, using: &random) == 0 {
                    now = now + .seconds(Int.random(in: 0...400, using: &random))
                }
                for storm in grouping.due(now: now).storms { note(storm) }
                let alert = try topics(number)
                let request = try #require(alert.facts["request"]?.string)
                switch grouping.take(alert, now: now) {
                case .tell: told.append(request)
                case .hold: held += 1
                case .summarize(let storm):
                    held += 1
                    if Bool.random(using: &random) { note(storm) } else { grouping.giveBack(storm) }
                }
            }
            let end = now + NotificationGrouping.stormWindow
            for storm in grouping.due(now: end).storms { note(storm) }
            #expect(told.count == count && Set(told).count == count && held == 0)
        }
    }

    @Test func `what comes back from a summary that was not kept is named, fifty at a time`() throws
    {
        var grouping = NotificationGrouping()
        var storms: [NotificationStorm] = []
        func take(_ number: Int) throws {
            guard case .summarize(let storm) = grouping.take(try topics(number), now: Self.now)
            else {
                return
            }
            storms.append(storm)
        }
        for number in 0..<(NotificationGrouping.stormSize + NotificationGrouping.mostListed + 1) {
            try take(number)
        }
        let full = try #require(storms.last)
        #expect(full.requests.count == NotificationGrouping.mostListed)
        grouping.giveBack(full)
        storms = []
        for number in 200..<202 { try take(number) }
        for storm in grouping.due(now: Self.now).storms { storms.append(storm) }
        #expect(storms.allSatisfy { $0.requests.count <= NotificationGrouping.mostListed })
        #expect(Set(storms.flatMap(\.requests)).count == NotificationGrouping.mostListed + 2)
        #expect(storms.reduce(0) { $0 + $1.held } == NotificationGrouping.mostListed + 2)
    }

    @Test func `when all is told and over nothing is remembered`() throws {
        var grouping = NotificationGrouping()
        for number in 0..<100 { _ = grouping.take(try topics(number), now: Self.now) }
        var now = Self.now
        for _ in 0..<3 {
            now = now + NotificationGrouping.window
            _ = grouping.due(now: now)
        }
        #expect(grouping.isIdle)
    }

    @Test
    func
        `the first of a kind is told in the middle of a storm, and the summary names what was held`()
        throws
    {
        var grouping = NotificationGrouping()
        var storms: [NotificationStorm] = []
        func play(_ number: Int, _ kind: String) throws -> Bool {
            let alert = try #require(
                OutgoingNotification(
                    id: AlertID(milliseconds: 1, random: [UInt8](repeating: 4, count: 10)),
                    dedupe: "\(kind)/\(number)", severity: .high, kind: kind, at: Self.now,
                    summary: "x"))
            let verdict = grouping.take(alert, now: Self.now)
            if case .summarize(let storm) = verdict { storms.append(storm) }
            return isTold(verdict)
        }
        for number in 0..<30 { #expect(try play(number, "detector.calls")) }
        for number in 30..<200 { #expect(try !play(number, "detector.calls")) }
        #expect(try play(1, "pin.drift"))
        #expect(try !play(2, "pin.drift"))
        #expect(storms.map(\.kindsText) == ["detector.calls 1"])
        let due = grouping.due(now: Self.now + NotificationGrouping.stormWindow)
        #expect(due.storms.map(\.kindsText) == ["detector.calls 169, pin.drift 1"])
        #expect(due.storms.map(\.held) == [170])
    }
}
