import InterlockCredentials
import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockTrust

/// The format of `trust/criteria.yaml` (docs/specs/trust-and-review.md, section 3).
@Suite(.requirement("R124", "R125")) struct TrustCriteriaTests {
    private func valid(_ more: String = "") -> TrustCriteria {
        TrustFixture.read(TrustFixture.head + more).criteria.unwrapped
    }

    @Test func `a file that states its version alone has the defaults`() {
        var expected = TrustCriteria.standard
        expected.version = "2026-11-20.1"
        #expect(valid() == expected)
    }

    @Test func `the file of the specification has the defaults`() {
        let text = """
            interval: wilson95
            per_cluster: 20
            template_share: 0.40
            stages:
              assisted: {clean_runs: 50,   days: 5,  templates: 2, agent_denials: 0.10,  approvals_rejected: 0.10}
              bounded:  {clean_runs: 300,  days: 15, templates: 3, agent_denials: 0.03,  approvals_rejected: 0.05}
              full:     {clean_runs: 3000, days: 60, templates: 5, agent_denials: 0.005, approvals_rejected: 0.02}
            always: {incidents: 0, incident_severity: 2, incident_window: 90d, eval: pass, review: current, drill: current, owner_confirmed: 30d}
            minimums: {clean_runs: 50, days: 5, templates: 2}
            expiry: {assisted: 180d, bounded: 90d, full: 90d}
            cooldown: {default: 14d, incident: 30d}

            """
        #expect(valid(text) == valid())
    }

    /// The rest of a file that is refused.
    private static let bad = [
        "interval: wilson\n", "interval: 95\n", "per_cluster: 0\n", "per_cluster: 10001\n",
        "template_share: 0\n", "template_share: 1.1\n", "template_share: 40%\n",
        "stages: {assisted: {clean_runs: 49}}\n", "stages: {assisted: {days: 4}}\n",
        "stages: {assisted: {templates: 1}}\n", "stages: {gated: {clean_runs: 50}}\n",
        "stages: {assisted: {clean_runs: 301}}\n", "stages: {bounded: {agent_denials: 0.11}}\n",
        "stages: {full: {agent_denials: 0}}\n", "stages: {full: {agent_denials: 0.51}}\n",
        "stages: {full: {agent_denials: 0.00001}}\n", "stages: {full: {clean_runs: many}}\n",
        "stages: {full: {clean_runs: -1}}\n", "stages: {full: {requires: network}}\n",
        "stages: [50, 300, 3000]\n", "stages:\n",
        "minimums: {clean_runs: 49}\n", "minimums: {days: 4}\n", "minimums: {templates: 1}\n",
        "minimums: {clean_runs: 51}\n", "always: {eval: fail}\n", "always: {review: overdue}\n",
        "always: {incidents: -1}\n", "always: {incident_severity: 4}\n",
        "always: {incident_window: 90}\n", "always: {owner_confirmed: 0d}\n",
        "expiry: {assisted: never}\n", "cooldown: {default: 0d}\n", "cooldown: {all: 1d}\n",
        "colour: red\n", "version: again\n", "- a list\n",
    ]

    @Test(arguments: bad)
    func `a number outside its range, an unknown key or a key twice is refused`(_ more: String) {
        let reading = TrustFixture.read(TrustFixture.head + more)
        #expect(reading.criteria == nil)
        #expect(!reading.findings.isEmpty)
        #expect(reading.findings.allSatisfy { $0.place.file == "criteria.yaml" })
    }

    @Test(arguments: [
        "", "interlock_trust: 1\n", "version: \"1\"\n", "interlock_trust: 2\nversion: \"1\"\n",
        "interlock_trust: 1\nversion: \"\"\n",
        "interlock_trust: 1\nversion: \"\(String(repeating: "1", count: 65))\"\n",
    ])
    func `a file without its versions is refused`(_ text: String) {
        let reading = TrustFixture.read(text)
        #expect(reading.criteria == nil && !reading.findings.isEmpty)
    }

    @Test func `an unknown key names its place and the nearest`() {
        let findings = TrustFixture.read(
            TrustFixture.head + "stages: {assisted: {clean_run: 60}}\n"
        ).findings
        #expect(findings.count == 1)
        #expect(findings[0].text.hasPrefix("criteria.yaml:3:21 E201"))
        #expect(findings[0].text.hasSuffix("did you mean `clean_runs`?"))
    }

    @Test func `a file may demand more`() {
        let criteria = valid(
            """
            interval: clopper-pearson95
            minimums: {clean_runs: 60}
            stages: {assisted: {clean_runs: 60, agent_denials: 0.05}}

            """)
        #expect(criteria.interval == .clopperPearson)
        #expect(criteria.stages.assisted.cleanRuns == 60)
        #expect(criteria.stages.assisted.agentDenials.tenThousandths == 500)
        #expect(criteria.stages.bounded == TrustCriteria.standard.stages.bounded)
    }

    /// A change of the defaults, and the key that it loosens.
    private static let looser: [(String, String)] = [
        ("per_cluster: 21\n", "per_cluster"), ("template_share: 0.5\n", "template_share"),
        ("interval: clopper-pearson95\n", "interval"),
        ("stages: {full: {clean_runs: 2999}}\n", "stages.full.clean_runs"),
        ("stages: {full: {days: 59}}\n", "stages.full.days"),
        ("stages: {full: {templates: 4}}\n", "stages.full.templates"),
        ("stages: {full: {agent_denials: 0.006}}\n", "stages.full.agent_denials"),
        ("stages: {full: {approvals_rejected: 0.03}}\n", "stages.full.approvals_rejected"),
        ("always: {incidents: 1}\n", "always.incidents"),
        ("always: {incident_severity: 1}\n", "always.incident_severity"),
        ("always: {incident_window: 89d}\n", "always.incident_window"),
        ("always: {owner_confirmed: 31d}\n", "always.owner_confirmed"),
        ("expiry: {full: 91d}\n", "expiry.full"),
        ("cooldown: {default: 13d}\n", "cooldown.default"),
        ("cooldown: {incident: 29d}\n", "cooldown.incident"),
    ]

    @Test(arguments: looser)
    func `a looser number is named, and the way back is none`(_ more: String, _ key: String) {
        let looser = valid(more)
        #expect(looser.loosened(from: valid()).map(\.key) == [key])
        let back = valid().loosened(from: looser).map(\.key)
        #expect(back == (key == "interval" ? ["interval"] : []))
    }

    @Test func `a stage may require a sandbox, and its loss is a loosening`() {
        let criteria = valid("stages: {bounded: {requires: sandbox}}\n")
        #expect(criteria.stages.bounded.requiresSandbox && !criteria.stages.full.requiresSandbox)
        #expect(valid().loosened(from: criteria).map(\.key) == ["stages.bounded.requires"])
        #expect(criteria.loosened(from: valid()).isEmpty)
        let hashing = OpenSSLHashing()
        #expect(criteria.digest(hashing: hashing) != valid().digest(hashing: hashing))
    }

    @Test func `the digest is of the values, not of their spelling`() {
        let hashing = OpenSSLHashing()
        let digest = valid().digest(hashing: hashing)
        #expect(digest != nil)
        #expect(valid("# a comment\nper_cluster: 20\n").digest(hashing: hashing) == digest)
        #expect(valid("per_cluster: 19\n").digest(hashing: hashing) != digest)
    }
}
