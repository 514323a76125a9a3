import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSelfTest
import InterlockTesting
import InterlockTrust
import Testing

@testable import InterlockGatewayBench

/// The nine known pitfalls and the two checklists (REQUIREMENTS R148, R149).
@Suite struct `Checks of a deployment` {
    /// A deployment with one thing changed.
    private struct Change {
        var policy: [(String, String)] = []
        var drill: DrillStatus = Deployment.rehearsed
        var refusing: String?
        var cosignatureSeconds: Int64? = 60
        var hasChannel = true
        var refusesHaste = true
        var asksProbes = true
        var review: ReviewStatus?
        var failed: SelfTestCase?
        var isLocked = true
    }

    private enum Deployment {
        static let now = FakeClock().now.wall
        static let rehearsed = status(ended: now - .seconds(60), passed: true)

        static func status(ended: Timestamp, passed: Bool) -> DrillStatus {
            DrillStatus(
                every: .seconds(31 * 86_400), declared: nil,
                reports: [DrillStatus.Last(ended: ended, passed: passed, isSignedOff: true)],
                now: now)
        }
    }

    private func results(_ change: Change) throws -> [SelfTestResult] {
        var log = LedgerStatus(
            size: 12, root: Digest(words: (1, 2, 3, 4)), openIntents: 0,
            refusing: change.refusing)
        log.backlog = 0
        let policy =
            change.isLocked
            ? try BenchPolicy.snapshot(change.policy, lock: BenchLock.lock())
            : try BenchPolicy.snapshot(change.policy)
        let acts = SelfTestCase.allCases.map { test in
            SelfTestResult(
                id: test.rawValue, passed: test != change.failed, text: "as expected",
                remedy: "mend the gateway")
        }
        return DeploymentCheck.results(
            of: DeploymentFacts(
                now: Deployment.now, policy: policy, drill: change.drill, log: log,
                cosignatureSeconds: change.cosignatureSeconds, hasChannel: change.hasChannel,
                refusesHaste: change.refusesHaste, asksProbes: change.asksProbes,
                review: change.review), after: acts)
    }

    private func result(_ check: DeploymentCheck, _ change: Change) throws -> SelfTestResult {
        try #require(try results(change).first { $0.id == check.rawValue })
    }

    /// Each row: the check, the pitfall put in, and a part of what the check then says.
    private static let pitfalls: [(DeploymentCheck, Change, String)] = [
        (.promptAsBoundary, Change(failed: .forbiddenArguments), "forbid-with-matching"),
        (.noAudit, Change(refusing: "audit.full"), "audit.full"),
        (.noAudit, Change(failed: .editedLog), "edit-of-a-copied-log"),
        (
            .untestedKillSwitch,
            Change(drill: Deployment.status(ended: Deployment.now - .seconds(60), passed: false)),
            "failed"
        ),
        (
            .untestedKillSwitch,
            Change(
                drill: Deployment.status(
                    ended: Deployment.now - .seconds(40 * 86_400), passed: true)), "overdue"
        ),
        (.untestedKillSwitch, Change(failed: .callUnderKill), "call-under-kill"),
        (.everythingGated, Change(failed: .permittedCall), "permitted-call"),
        (
            .everythingGated,
            Change(policy: [
                (
                    "forbid:",
                    "controls: {read: {supervised: approve 1, trusted: approve 1}}\nforbid:"
                )
            ]), "every read"
        ),
        (.onlyPromptsGoverned, Change(isLocked: false), "texts alone"),
        (.onlyPromptsGoverned, Change(failed: .unlistedTool), "unlisted-tool"),
        (.uniformControls, Change(failed: .changedArgument), "changed-argument"),
        (.standingProduction, Change(failed: .writeUnderRead), "write-under-read-grant"),
        (
            .standingProduction,
            Change(policy: [
                (
                    "note: {class: write, effects: [reversible]}",
                    "note: {class: write, effects: [reversible, production]}"
                )
            ]), "W220"
        ),
        (.rubberStamp, Change(failed: .replayedApproval), "replayed-approval"),
        (.rubberStamp, Change(refusesHaste: false), "in haste"),
        (.rubberStamp, Change(asksProbes: false), "known to be bad"),
        (
            .rubberStamp, Change(policy: [("owner: li@acme.example", "owner: ines@acme.example")]),
            "W210"
        ),
    ]

    @Test(.requirement("R148"), arguments: pitfalls.indices)
    func `each pitfall that is put in is caught`(place: Int) throws {
        let (check, change, part) = Self.pitfalls[place]
        let sound = try result(check, Change())
        #expect(!sound.text.contains(part), "\(sound.text)")
        let found = try result(check, change)
        #expect(!found.passed && found.text.contains(part), "\(found.text)")
        #expect(found.remedy != nil)
    }

    @Test(
        .requirement("R148"),
        arguments: [
            DeploymentCheck.sharedCredentials, .noAudit, .untestedKillSwitch, .everythingGated,
            .onlyPromptsGoverned, .standingProduction, .rubberStamp, .promptAsBoundary,
        ])
    func `a deployment without it passes`(check: DeploymentCheck) throws {
        let found = try result(check, Change())
        #expect(found.passed, "\(found.text)")
    }

    @Test(.requirement("R148")) func `one control for every effect is caught`() throws {
        let table = Effect.allCases
            .map { "\($0.name): {supervised: approve 2, trusted: approve 2}" }
            .joined(separator: ", ")
        let change = Change(policy: [("forbid:", "controls: {\(table)}\nforbid:")])
        let found = try result(.uniformControls, change)
        #expect(!found.passed && found.text.contains("every effect"), "\(found.text)")
        let sound = try result(.uniformControls, Change())
        #expect(!sound.text.contains("every effect"))
    }

    @Test(.requirement("R149")) func `each entry of the lists fails on what it is about`() throws {
        let rows: [(DeploymentCheck, Change)] = [
            (.fiveScopes, Change(failed: .writeUnderRead)),
            (.fiveSandbox, Change(failed: .unlistedHost)),
            (.fiveApprovals, Change(failed: .changedArgument)),
            (.fiveLog, Change(hasChannel: false)),
            (.fiveKillSwitch, Change(failed: .callUnderKill)),
            (.sevenInventory, Change(isLocked: false)),
            (.sevenScopes, Change(failed: .writeUnderRead)),
            (.sevenHook, Change(failed: .unlistedTool)),
            (.sevenLog, Change(cosignatureSeconds: nil)),
            (.sevenApprovals, Change(failed: .replayedApproval)),
            (.sevenReview, Change()),
        ]
        for (check, change) in rows {
            let found = try result(check, change)
            #expect(!found.passed && found.remedy != nil, "\(check.rawValue): \(found.text)")
        }
    }

    @Test(.requirement("R149"), arguments: [(86_399, true), (86_400, false)] as [(Int64, Bool)])
    func `witnesses that are configured and no longer cosign are none`(
        seconds: Int64, isSound: Bool
    ) throws {
        let found = try result(.sevenLog, Change(cosignatureSeconds: seconds))
        #expect(found.passed == isSound, "\(found.text)")
        #expect(found.text.contains("24 h") != isSound)
    }

    @Test(.requirement("R149")) func `a review that is due later passes, and an overdue one fails`()
        throws
    {
        let later = ReviewStatus(due: Deployment.now + .seconds(1), signed: nil)
        let past = ReviewStatus(due: Deployment.now, signed: nil)
        let current = try result(.sevenReview, Change(review: later))
        let overdue = try result(.sevenReview, Change(review: past))
        #expect(current.passed && !overdue.passed)
    }
}
