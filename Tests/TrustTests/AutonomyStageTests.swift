import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// Stages and their limits (docs/specs/trust-and-review.md, section 2).
@Suite(.requirement("R123")) struct AutonomyStageTests {
    @Test func `stages have the shares and columns of the specification`() {
        #expect(AutonomyStage.allCases.map(\.quotaPercent) == [25, 50, 75, 100])
        #expect(
            AutonomyStage.allCases.map(\.column)
                == [.supervised, .supervised, .trusted, .trusted])
        #expect(AutonomyStage.allCases.map(\.next) == [.assisted, .bounded, .full, nil])
        #expect(
            AutonomyStage.allCases.map(\.name) == ["gated", "assisted", "bounded", "full"])
    }

    @Test func `without a promotion on record an agent is at stage 0, or at observe`() {
        #expect(StageLimits(ceiling: .full).effective == .gated)
        #expect(StageLimits(ceiling: .full, delegation: .full).effective == .gated)
        #expect(StageLimits(ceiling: nil, promotion: .full).effective == nil)
        #expect(AutonomyStage(ceilingOf: .observe) == nil)
        #expect(AutonomyStage(ceilingOf: .supervised) == .assisted)
        #expect(AutonomyStage(ceilingOf: .trusted) == .full)
    }

    @Test func `the effective stage is above none of the four limits`() {
        let all: [AutonomyStage?] = [nil] + AutonomyStage.allCases.map(Optional.some)
        for ceiling in all {
            for delegation in all {
                for promotion in all {
                    for demotion in all {
                        let limits = StageLimits(
                            ceiling: ceiling, delegation: delegation, promotion: promotion,
                            demotion: demotion)
                        guard let effective = limits.effective else {
                            #expect(ceiling == nil)
                            continue
                        }
                        for limit in [ceiling, delegation, promotion, demotion] {
                            if let limit { #expect(effective <= limit) }
                        }
                        #expect(promotion != nil || effective == .gated)
                    }
                }
            }
        }
    }

    @Test func `a change resets, halves or keeps credit`() {
        let kept: Set<FingerprintChange> = [.toolRemoved, .policyEqual, .policyNarrowed]
        for change in FingerprintChange.allCases {
            let expected: CreditEffect =
                change == .skills ? .halved : kept.contains(change) ? .kept : .reset
            #expect(change.effect == expected, "\(change)")
        }
    }
}
