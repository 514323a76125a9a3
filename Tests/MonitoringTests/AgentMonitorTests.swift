import Testing

@testable import InterlockMonitoring

@Suite struct AgentMonitors {
    /// The monitor of an agent that has made about five calls a minute for `minutes` minutes, by default a day.
    private static func quiet(_ minutes: Int64 = 1_440) -> (AgentMonitor, Int64) {
        var counts = RandomCounts(.poisson, seed: 21)
        var monitor = AgentMonitor(DetectorSettings(), seconds: 0)
        for minute in 1...minutes {
            monitor.observe(.calls, counts.next())
            _ = monitor.close(seconds: minute * 60, hour: minute / 60, isHeld: false)
        }
        return (monitor, minutes)
    }

    @Test func `a spike is one alarm as long as it lasts, and another one later`() throws {
        var (monitor, minute) = Self.quiet()
        var alarms: [LearnedAlert] = []
        func play(_ calls: Int, _ windows: Int) {
            for _ in 0..<windows {
                minute += 1
                monitor.observe(.calls, calls)
                alarms += monitor.close(seconds: minute * 60, hour: minute / 60, isHeld: false)
            }
        }
        play(25, 60)
        #expect(alarms.count == 1)
        let alarm = try #require(alarms.first)
        #expect(alarm.series == .calls && alarm.count == 25)
        #expect(alarm.detectors.contains(.robustZ))
        #expect(alarm.isDiscovery)
        #expect((3...7).contains(alarm.expected))
        play(5, 30)
        #expect(alarms.count == 1)
        play(25, 10)
        #expect(alarms.count == 2)
    }

    @Test func `a window ends by the clock alone, and a late look is learned from nothing`() {
        var (monitor, minute) = Self.quiet(300)
        let learned = monitor.learned(.calls)
        #expect(learned > 200)
        monitor.observe(.calls, 5)
        #expect(monitor.close(seconds: minute * 60 + 59, hour: 5, isHeld: false).isEmpty)
        #expect(monitor.learned(.calls) == learned)
        func play(_ step: Int64, isHeld: Bool) {
            minute += step
            monitor.observe(.calls, 5 * Int(step))
            _ = monitor.close(seconds: minute * 60, hour: 5, isHeld: isHeld)
        }
        play(7, isHeld: false)
        play(1, isHeld: true)
        // Windows are learned ten windows late.
        for _ in 0..<8 { play(1, isHeld: false) }
        #expect(monitor.learned(.calls) == learned + 10)
        for _ in 0..<2 { play(1, isHeld: false) }
        #expect(monitor.learned(.calls) == learned + 10)
        play(1, isHeld: false)
        #expect(monitor.learned(.calls) == learned + 11)
        // If the clock goes back, no window ends and no count is lost.
        #expect(monitor.close(seconds: 60, hour: 5, isHeld: false).isEmpty)
        #expect(monitor.learned(.calls) == learned + 11)
    }

    @Test func `a recipient counts once an hour`() {
        var monitor = AgentMonitor(DetectorSettings(), seconds: 0)
        var alarms: [LearnedAlert] = []
        for hour in Int64(1)...400 {
            let many: UInt64 = hour == 400 ? 60 : 3
            for recipient in 0..<many {
                for _ in 0..<5 { monitor.observe(recipient: recipient) }
            }
            alarms += monitor.close(seconds: hour * 3_600, hour: hour, isHeld: false)
        }
        #expect(alarms.map(\.series) == [.recipients])
        #expect(alarms.first?.count == 60)
    }

    @Test func `what a person calls expected is learned anew`() {
        var (monitor, _) = Self.quiet(300)
        monitor.startOver(.calls)
        #expect(monitor.learned(.calls) == 0)
        #expect(monitor.learned(.denials) == 290)
    }

    @Test func `an observation allocates nothing and counts beyond any bound`() {
        var monitor = AgentMonitor(DetectorSettings(), seconds: 0)
        monitor.observe(.bytesOut, .max)
        monitor.observe(.bytesOut, .max)
        for recipient in 0..<20_000 { monitor.observe(recipient: UInt64(recipient)) }
        #expect(monitor.close(seconds: 60, hour: 0, isHeld: false).isEmpty)
        #expect(monitor.learned(.bytesOut) == 0)
    }
}

@Suite struct Budgets {
    @Test func `alarms beyond the budget are one group, and none is lost`() {
        var budget = AlertBudget(perWeek: 2)
        #expect(budget.take(seconds: 0) == .tell(grouped: 0))
        #expect(budget.take(seconds: 100) == .tell(grouped: 0))
        #expect(budget.take(seconds: 200) == .beginGroup)
        for second in 0..<50 { #expect(budget.take(seconds: 300 + Int64(second)) == .grouped) }
        #expect(budget.take(seconds: AlertBudget.weekSeconds) == .tell(grouped: 51))
    }

    @Test func `a hundred agents in eight weeks stay within their budgets`() {
        var told = 0
        for agent in UInt64(0)..<100 {
            var counts = RandomCounts(.poisson, seed: agent)
            var budget = AlertBudget(perWeek: 2)
            for hour in Int64(0)..<(8 * 168) where counts.next() > 8 {
                if case .tell = budget.take(seconds: hour * 3_600) { told += 1 }
            }
        }
        #expect(told <= 100 * 8 * 2 + 200)
        #expect(told > 100)
    }

    @Test func `of many tests at once those count that few of could be false`() {
        #expect(FalseDiscoveries.limit([], tests: 12, q: 0.05) == nil)
        #expect(FalseDiscoveries.limit([0.01], tests: 12, q: 0.05) == nil)
        #expect(FalseDiscoveries.limit([0.004], tests: 12, q: 0.05) == 0.004)
        // Step-up procedure: the largest value is within its own share, so all of them count.
        #expect(FalseDiscoveries.limit([0.012, 0.012, 0.012], tests: 12, q: 0.05) == 0.012)
    }

    @Test func `precision comes with its interval`() throws {
        #expect(Precision(alarms: 4, judged: 0, real: 0).interval == nil)
        let interval = try #require(Precision(alarms: 12, judged: 10, real: 8).interval)
        #expect(abs(interval.lowerBound - 0.4902) < 0.001)
        #expect(abs(interval.upperBound - 0.9433) < 0.001)
    }

    @Test func `chances are those of the tables`() {
        #expect(abs(Tail.normal(above: 1.959964) - 0.025) < 0.0001)
        #expect(abs(Tail.normal(above: 4) / 3.167e-5 - 1) < 0.01)
        #expect(abs(Tail.exponential(-1) - 0.36787944) < 1e-7)
        #expect(Tail.exponential(-10_000) == 0)
    }
}
