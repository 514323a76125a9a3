import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockApprovals

/// Rubber-stamping and probes (docs/specs/approvals.md, section 12): each threshold, at it and one below.
@Suite struct ApproverMetricsTests {
    private let now = Office.start + .seconds(40 * 86_400)

    private func mark(
        _ secondsAgo: Int64, _ verdict: Vote.Verdict = .approve, dwell: Int64? = 60,
        isProbe: Bool = false
    ) -> DecisionSample {
        DecisionSample(
            at: now + .seconds(-secondsAgo), verdict: verdict, dwell: dwell.map { .seconds($0) },
            floor: .seconds(10), isProbe: isProbe)
    }

    private func metrics(_ marks: [DecisionSample], cap: Int = 20) -> ApproverMetrics {
        ApproverMetrics(
            marks.sorted { $0.at < $1.at }, capPerHour: cap, now: now)
    }

    private func spread(_ count: Int, every: Int64 = 7200, from: Int64 = 7200) -> [DecisionSample] {
        (0..<count).map { mark(from + Int64($0) * every) }
    }

    @Test func `what is older than 30 days, or a probe, is in no figure`() {
        let found = metrics([
            mark(31 * 86_400), mark(30 * 86_400), mark(100, .deny), mark(200), mark(300),
            mark(400, isProbe: true), mark(500, .deny, isProbe: true),
        ])
        #expect(found.approved == 2 && found.denied == 1)
        #expect(found.probesCaught == 1 && found.probesMissed == 1)
    }

    @Test func `three decisions below the floor in a day: slow reading for a week`() {
        func fast(_ secondsAgo: Int64...) -> [DecisionSample] {
            secondsAgo.map { mark($0, dwell: 9) }
        }
        #expect(metrics(fast(1000, 50_000)).measures.isEmpty)
        #expect(metrics(fast(1000, 50_000, 87_400)).measures.isEmpty, "not within a day")
        #expect(
            metrics(fast(1000, 50_000, 87_399)).measures
                == [.slowReading(until: now + .seconds(7 * 86_400 - 1000))])
        let week: Int64 = 7 * 86_400
        #expect(metrics(fast(week, week + 1, week + 2)).measures.isEmpty, "it is over")
        #expect(!metrics(fast(week - 1, week, week + 1)).measures.isEmpty)
        #expect(metrics([mark(10_000, dwell: 10), mark(1, dwell: nil)]).tooFast == 0)
    }

    @Test(.requirement("R088"))
    func `98 of 100 approvals double the probes, 49 of 50 too, 48 of 49 do not`() {
        func rate(_ approvals: Int, _ denials: Int) -> Bool {
            let marks = spread(approvals) + (0..<denials).map { mark(7201 + Int64($0), .deny) }
            return metrics(marks).measures.contains(.doubledProbes)
        }
        #expect(rate(49, 1) && rate(98, 2))
        #expect(!rate(48, 1) && !rate(48, 2) && !rate(97, 3))
    }

    @Test(.requirement("R088")) func `25 approvals in a row: a pause of ten minutes`() {
        let row = spread(25, from: 599)
        #expect(metrics(row).measures.contains(.pause(until: now + .seconds(1))))
        #expect(!metrics(Array(row.dropLast())).measures.contains { $0.isPause })
        #expect(!metrics(spread(25, from: 600)).measures.contains { $0.isPause })
        #expect(metrics(row + [mark(10_000, .deny)]).streak == 2)
    }

    @Test func `five in a minute are spaced, and the cap holds for an hour`() {
        let burst = (0..<5).map { mark(10 + $0 * 14) }
        #expect(metrics(burst).measures == [.spaced(until: now + .seconds(20))])
        #expect(metrics((0..<5).map { mark(10 + $0 * 15) }).measures.isEmpty)
        let hour = (0..<4).map { mark(100 + $0 * 800) }
        #expect(metrics(hour, cap: 4).measures == [.capped(until: now + .seconds(1100))])
        #expect(metrics(hour, cap: 5).measures.isEmpty)
    }

    @Test(.requirement("R088", "R146"))
    func `load and haste are told as they were, without probes`() {
        let none = metrics([mark(5, isProbe: true), mark(6, dwell: nil)])
        #expect(none.busiestMinute == 1 && none.busiestHour == 1)
        #expect(none.medianDwell == nil && none.medianFloor == nil)
        let found = metrics([
            mark(9000, dwell: 3), mark(9059, dwell: 4), mark(9060, dwell: 50), mark(9119, .deny),
            mark(12_600, dwell: nil), mark(5400),
        ])
        #expect(found.busiestMinute == 2, "60 seconds apart are two minutes")
        #expect(found.busiestHour == 4)
        #expect(found.medianDwell == .seconds(50) && found.medianFloor == .seconds(10))
    }

    @Test func `two of the last five probes missed: out until trained again`() {
        func probes(_ missed: Bool...) -> [DecisionSample] {
            missed.enumerated().map {
                mark(86_400 - Int64($0.offset), $0.element ? .approve : .deny, isProbe: true)
            }
        }
        #expect(metrics(probes(true, false, true)).measures == [.retraining])
        #expect(metrics(probes(true, true, false, false, false, false)).measures.isEmpty)
        #expect(metrics(probes(true, false, false)).measures.isEmpty)
    }

    /// The confidence interval against values calculated by hand from Wilson's formula.
    @Test(arguments: [
        (0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634),
        (1, 100, 0.0018, 0.0545),
    ])
    func `the interval is Wilson's`(_ hits: Int, _ count: Int, _ low: Double, _ high: Double) {
        let interval = WilsonInterval(hits, of: count)
        #expect(abs(interval.low - low) < 0.0001 && abs(interval.high - high) < 0.0001)
    }

    @Test func `a probe comes by chance, and once a month without it`() throws {
        let plan = try #require(ProbePlan())
        func due(_ probes: [Int64], chance: Double, _ measures: Set<Countermeasure> = []) -> Bool {
            plan.isDue(
                probes: probes.map { now + .seconds(-$0) }, since: Office.start,
                measures: measures, now: now, chance: chance)
        }
        #expect(due([5], chance: 0.0099) && !due([5], chance: 0.01))
        #expect(due([5], chance: 0.0199, [.doubledProbes]))
        #expect(!due([5], chance: 0.02, [.doubledProbes]))
        #expect(due([], chance: 0.9), "forty days without one")
        #expect(due([30 * 86_400], chance: 0.9) && !due([30 * 86_400 - 1], chance: 0.9))
        #expect(due([40 * 86_400, -5], chance: 0.9), "one in the future is none")
        #expect(ProbePlan(rate: .nan) == nil && ProbePlan(rate: 0.6) == nil)
        #expect(ProbePlan(rate: -0.1) == nil && ProbePlan(leastPerMonth: 101) == nil)
    }
}

extension Countermeasure {
    fileprivate var isPause: Bool { if case .pause = self { true } else { false } }
}
