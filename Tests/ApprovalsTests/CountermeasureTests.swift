import InterlockModel
import Testing

@testable import InterlockApprovals

/// The countermeasure for each signal at a vote (docs/specs/approvals.md, section 12); `ApproverMetricsTests` tests the
/// thresholds.
@Suite struct CountermeasureTests {
    private static let later = Office.start + .seconds(60)

    @Test(arguments: [
        (Countermeasure.retraining, Exclusion.untrained), (.capped(until: later), .capped),
        (.pause(until: later), .paused), (.spaced(until: later), .spaced),
    ])
    func `approving waits`(_ measure: Countermeasure, _ exclusion: Exclusion) {
        #expect(Countermeasure.objection(to: [measure]) == exclusion)
        #expect(Countermeasure.objection(to: [measure, .doubledProbes]) == exclusion)
    }

    @Test func `of several the longest is said`() {
        let all: Set<Countermeasure> = [
            .spaced(until: Self.later), .pause(until: Self.later), .capped(until: Self.later),
            .retraining,
        ]
        #expect(Countermeasure.objection(to: all) == .untrained)
        #expect(Countermeasure.objection(to: all.subtracting([.retraining])) == .capped)
    }

    @Test func `more probes and slower reading keep nobody from approving`() {
        let slow: Set<Countermeasure> = [.slowReading(until: Self.later), .doubledProbes]
        #expect(Countermeasure.objection(to: slow) == nil)
        #expect(Countermeasure.asksTyping(slow))
        #expect(!Countermeasure.asksTyping([.doubledProbes]))
        #expect(Countermeasure.objection(to: []) == nil)
    }

    @Test func `slow reading has the target typed at every tier`() throws {
        let office = Office()
        for tier in [Tier.low, .medium, .high] {
            let request = try office.request(try office.review(tier: tier))
            #expect((Confirmation(of: request) == nil) == (tier != .high))
            #expect(Confirmation(of: request, isSlow: true) != nil)
        }
    }

    @Test func `an enrolment after the missed probes makes them good`() {
        let missed = (1...2).map {
            DecisionSample(
                at: Office.start + .seconds(Int64($0) * 100), verdict: .approve, dwell: nil,
                floor: .zero, isProbe: true)
        }
        func measures(_ trained: Timestamp?) -> Set<Countermeasure> {
            ApproverMetrics(
                missed, capPerHour: 20, trained: trained, now: Office.start + .seconds(300)
            ).measures
        }
        #expect(measures(nil) == [.retraining])
        #expect(measures(Office.start + .seconds(99)) == [.retraining])
        #expect(measures(Office.start + .seconds(100)).isEmpty, "one is left")
        #expect(measures(Office.start + .seconds(250)).isEmpty)
    }
}
