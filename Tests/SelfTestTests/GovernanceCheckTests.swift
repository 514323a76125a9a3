import InterlockAlerts
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockSelfTest
import InterlockTesting
import InterlockTrust
import Testing

@testable import InterlockGatewayBench

/// The checks of a self-test for controls that no act shows (docs/specs/evidence.md, section 3: C11, C17, C20, C22, C24).
@Suite(.requirement("R134")) struct GovernanceCheckTests {
    /// A deployment with one thing changed.
    private struct Change {
        var isKnown = true
        var signOff = GovernanceFacts.PolicySigner.people
        var ungated: [AgentName] = []
        var keyDays = Result<[CivilDate], StoreFailure>.success([])
        var keys = PayloadKeyStatus(lostRuns: 0, failure: nil)
        var incidents = Result<[Incident], StoreFailure>.success([])
        var alerts = Result<[RaisedAlert], StoreFailure>.success([])
    }

    private static let now = FakeClock().now.wall
    private static let failure = StoreFailure(reason: "the disk is gone")

    private func result(_ check: DeploymentCheck, _ change: Change) throws -> SelfTestResult {
        let governance = GovernanceFacts(
            signOff: change.signOff, ungated: change.ungated, keyDays: change.keyDays,
            keys: change.keys, payloadDays: 90, incidents: change.incidents,
            alerts: change.alerts)
        let facts = DeploymentFacts(
            now: Self.now, policy: try BenchPolicy.snapshot([]),
            drill: DrillStatus(every: nil, declared: nil, reports: nil, now: Self.now),
            log: LedgerStatus(
                size: 12, root: Digest(words: (1, 2, 3, 4)), openIntents: 0, refusing: nil),
            cosignatureSeconds: nil, hasChannel: false, refusesHaste: true, asksProbes: true,
            review: nil, governance: change.isKnown ? governance : nil)
        let results = DeploymentCheck.results(of: facts, after: [])
        return try #require(results.first { $0.id == check.rawValue })
    }

    private func day(_ age: Int64) -> CivilDate {
        CivilDate(daysSince1970: Self.now.day.daysSince1970 - age)
    }

    private func incident(_ severity: Int, opened age: Duration) throws -> Incident {
        try #require(
            Incident(
                id: IncidentID("01kag0q9m2c4e6g8j0k2n4p6r8").unwrapped, severity: severity,
                origin: .gateway(.canary), opened: Self.now - age))
    }

    private func alert(_ code: String) -> RaisedAlert {
        RaisedAlert(
            id: AlertID("01kag0q9m2c4e6g8j0k2n4p6r8").unwrapped, code: code, subject: "clerk",
            at: Self.now - .seconds(60))
    }

    private static let checks: [DeploymentCheck] = [
        .controlRetention, .controlEvals, .controlPolicySigned, .controlHooks, .controlIncidents,
    ]

    @Test(arguments: checks)
    func `a sound deployment passes, and what is not known fails`(
        _ check: DeploymentCheck
    ) throws {
        let sound = try result(check, Change())
        #expect(sound.passed && !sound.text.isEmpty, "\(sound.text)")
        let unknown = try result(check, Change(isKnown: false))
        #expect(!unknown.passed && unknown.remedy != nil)
    }

    @Test func `payloads past their retention, and keys that are not kept, fail`() throws {
        let kept = try result(.controlRetention, Change(keyDays: .success([day(90), day(1)])))
        #expect(kept.passed, "\(kept.text)")
        for change in [
            Change(keyDays: .success([day(92), day(1)])), Change(keyDays: .failure(Self.failure)),
            Change(keys: PayloadKeyStatus(lostRuns: 1, failure: nil)),
            Change(keys: PayloadKeyStatus(lostRuns: 0, failure: "the disk is full")),
        ] {
            #expect(try !result(.controlRetention, change).passed)
        }
    }

    @Test func `an agent that works without evals fails`() throws {
        let clerk = try #require(AgentName("clerk"))
        let found = try result(.controlEvals, Change(ungated: [clerk]))
        #expect(!found.passed && found.text.contains("clerk"))
    }

    @Test(arguments: [GovernanceFacts.PolicySigner.founding, .author])
    func `a policy that no other person signed fails`(_ signOff: GovernanceFacts.PolicySigner)
        throws
    {
        #expect(try !result(.controlPolicySigned, Change(signOff: signOff)).passed)
    }

    @Test(arguments: ["hook.bypassed", "hook.silent", "host.unmanaged", "hook.config_changed"])
    func `a sign of a bypass fails until a person said what it was`(_ code: String) throws {
        var alert = alert(code)
        let open = try result(.controlHooks, Change(alerts: .success([alert])))
        #expect(!open.passed && open.text.contains(code) && open.text.contains("30 days"))
        alert.finding = AlertDisposition(
            .expected, at: Self.now, by: Pseudonym(text: "AAAAAAAAAAAAAAAAAAAAAA=="),
            reason: "an upgrade of the host")
        #expect(try result(.controlHooks, Change(alerts: .success([alert]))).passed)
        let other = self.alert("selftest.failed")
        #expect(try result(.controlHooks, Change(alerts: .success([other]))).passed)
        #expect(try !result(.controlHooks, Change(alerts: .failure(Self.failure))).passed)
    }

    @Test func `a sign of a bypass counts as long as the inbox lists it`() {
        #expect(GovernanceFacts.alertPeriod == AlertFilter.longestAge)
        #expect(GovernanceFacts.alertPeriod == Duration.seconds(30 * 86_400))
    }

    @Test(arguments: [(1, 86_400), (2, 3 * 86_400), (3, 14 * 86_400)] as [(Int, Int64)])
    func `an incident about which nothing is done in time fails`(
        severity: Int, seconds: Int64
    ) throws {
        let young = try incident(severity, opened: .seconds(seconds - 1))
        #expect(try result(.controlIncidents, Change(incidents: .success([young]))).passed)
        var old = try incident(severity, opened: .seconds(seconds))
        let found = try result(.controlIncidents, Change(incidents: .success([young, old])))
        #expect(!found.passed && found.text.contains(old.id.text))
        let isAdded = old.add(
            IncidentAction(
                at: Self.now - .seconds(60), by: Pseudonym(text: "AAAAAAAAAAAAAAAAAAAAAA=="),
                text: "the token was revoked"))
        #expect(isAdded)
        #expect(try result(.controlIncidents, Change(incidents: .success([old]))).passed)
        #expect(try !result(.controlIncidents, Change(incidents: .failure(Self.failure))).passed)
    }
}
