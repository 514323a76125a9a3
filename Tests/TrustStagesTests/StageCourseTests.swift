import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockTrust
@testable import InterlockTrustStages

/// Random courses of promotions, demotions, reloads and time, also with a clock that is set back
/// (docs/specs/trust-and-review.md, section 13).
@Suite(.requirement("R123", "R127")) struct StageCourseTests {
    private struct Revision {
        let changes: [(String, String)]
        let isHigh: Bool
        let ceiling: AutonomyStage
    }

    private static let classes = (
        "high: {calls: 1000000/m}",
        "high: {calls: 1000000/m, classes: [read, write, destructive], require: [approvers]}"
    )
    private static let revisions: [Revision] = [
        Revision(changes: [], isHigh: false, ceiling: .full),
        Revision(
            changes: [
                (
                    "tier: medium\n    stage: trusted",
                    "tier: medium\n    stage: supervised"
                )
            ], isHigh: false, ceiling: .assisted),
        Revision(changes: [("tier: medium", "tier: high"), classes], isHigh: true, ceiling: .full),
        Revision(
            changes: [
                ("tier: medium\n    stage: trusted", "tier: high\n    stage: supervised"), classes,
            ], isHigh: true, ceiling: .assisted),
    ]

    private let clerk = StageBench.clerk

    @Test
    func `no course loosens tier high, exceeds a limit, or raises a stage but by a promotion`()
        async throws
    {
        var random = SeededGenerator.announced()
        var promoted = 0
        var reached = Set<AutonomyStage>()
        for _ in 0..<6 {
            let staged = try await StageBench()
            var revision = Self.revisions[0]
            // The stage that is left by the time that was seen last, which a clock that is set back does not change.
            var seen = staged.bench.clock.now.wall
            var swept = seen
            for _ in 0..<50 {
                let before = staged.registry.history(of: clerk).earned(at: seen)
                var isPromoted = false
                switch Int.random(in: 0..<7, using: &random) {
                case 0...3:
                    staged.bench.clock.advance(StageBench.day)
                    isPromoted = try await promote(staged)
                    if isPromoted { promoted += 1 }
                case 4:
                    let trigger = DemotionTrigger.allCases.randomElement(using: &random).unwrapped
                    staged.registry.demote(clerk, by: trigger)
                case 5:
                    staged.bench.clock.advance(
                        .seconds(Int64.random(in: -2...40, using: &random) * 86_400))
                default:
                    revision = Self.revisions.randomElement(using: &random).unwrapped
                    try await staged.bench.swap(revision.changes)
                }
                // The registry has not looked at a revision when its first call comes.
                let isSwept = Bool.random(using: &random)
                seen = max(seen, staged.bench.clock.now.wall)
                if isSwept || seen > swept {
                    await staged.service.sweep()
                    swept = seen
                }
                let stage = staged.registry.history(of: clerk).earned(at: seen)
                let most = isPromoted ? before.next ?? .full : before
                #expect(stage <= most)
                reached.insert(stage)
                let terms = try #require(
                    staged.bench.gateway.terms(of: clerk, in: staged.bench.policy))
                #expect(terms.quotaPercent <= min(stage, revision.ceiling).quotaPercent)
                if revision.isHigh || min(stage, revision.ceiling) < .bounded {
                    #expect(terms.stage == .supervised)
                }
            }
        }
        #expect(promoted > 5 && reached.count > 1, "the courses rise at all")
    }

    /// Returns true if two people raised the agent by one stage, and ended its cool-down if it had one.
    private func promote(_ staged: StageBench) async throws -> Bool {
        let stage = staged.registry.history(of: clerk).earned(at: staged.bench.clock.now.wall)
        guard let next = stage.next else { return false }
        let isCooling = staged.registry.status(of: clerk).cooldownEnd != nil
        let document = try staged.document(
            stage, next, by: ["ines", "paul"], undoes: isCooling)
        return await staged.kind(document) == nil
    }
}
