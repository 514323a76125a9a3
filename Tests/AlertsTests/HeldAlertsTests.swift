import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAlerts

@Suite struct `What is held back` {
    private func alert(_ number: UInt8, _ key: String) throws -> OutgoingNotification {
        try #require(
            OutgoingNotification(
                id: AlertID(milliseconds: 1, random: Array(repeating: number, count: 10)),
                dedupe: key, severity: .high, kind: "k", at: Alerting.now, summary: "said"))
    }

    @Test func `is told when its window ends, the newest with a count, and once`() throws {
        var grouping = NotificationGrouping()
        for number in 1...4 as ClosedRange<UInt8> {
            _ = grouping.take(try alert(number, "a"), now: Alerting.now)
        }
        let before = Alerting.now + NotificationGrouping.window + .microseconds(-1)
        #expect(grouping.due(now: before).alerts.isEmpty)
        let now = Alerting.now + NotificationGrouping.window
        let due = grouping.due(now: now)
        #expect(due.alerts.map(\.alert) == [try alert(4, "a")])
        #expect(due.alerts.map(\.held) == [2])
        #expect(grouping.due(now: now).alerts.isEmpty)
        #expect(grouping.take(try alert(5, "a"), now: now) == .hold, "told just now")
    }

    @Test func `is nothing where one alert was told`() throws {
        var grouping = NotificationGrouping()
        _ = grouping.take(try alert(1, "a"), now: Alerting.now)
        #expect(!grouping.isIdle)
        #expect(grouping.due(now: Alerting.now + NotificationGrouping.window).alerts.isEmpty)
        #expect(grouping.isIdle, "nothing of it is remembered")
    }

    @Test func `of a storm is counted once the storm is over`() throws {
        var grouping = NotificationGrouping()
        var summaries: [Int] = []
        for number in 0..<100 {
            let one = try alert(UInt8(number), "key-\(number)")
            if case .summarize(let storm) = grouping.take(one, now: Alerting.now) {
                summaries.append(storm.count)
            }
        }
        #expect(summaries == [NotificationGrouping.stormSize + 1])
        let now = Alerting.now + NotificationGrouping.stormWindow
        #expect(
            grouping.due(now: now).storms.map(\.count) == [100 - NotificationGrouping.stormSize - 1]
        )
        #expect(grouping.due(now: now + NotificationGrouping.stormWindow).storms.isEmpty)
    }

    @Test func `no alert is both told and held, and each is counted once`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<200 {
            var grouping = NotificationGrouping()
            var now = Alerting.now
            var (told, count) = (0, 0)
            for _ in 0..<Int.random(in: 1...25, using: &random) {
                now = now + .seconds(Int.random(in: 0...400, using: &random))
                let due = grouping.due(now: now)
                told += due.alerts.map { $0.held + 1 }.reduce(0, +)
                let key = ["a", "b"].randomElement(using: &random) ?? "a"
                count += 1
                if case .tell(let held) = grouping.take(try alert(1, key), now: now) {
                    told += held + 1
                }
            }
            let last = grouping.due(now: now + NotificationGrouping.window)
            told += last.alerts.map { $0.held + 1 }.reduce(0, +)
            #expect(told == count)
        }
    }
}
