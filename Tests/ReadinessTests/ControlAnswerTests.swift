import InterlockCredentials
import InterlockEvidencePack
import InterlockModel
import InterlockReadiness
import InterlockTesting
import Testing

/// The answer to whether controls have a gap (docs/specs/evidence.md, section 7).
@Suite(.requirement("R134")) struct ControlAnswerTests {
    private let now = Timestamp(microseconds: 1_795_000_000_000_000)

    private func facts(
        passed: Bool, age: Duration = .zero, without missing: String? = nil
    ) -> ControlFacts {
        func results(_ ids: [String]) -> TestResults {
            TestResults(
                Set(ids).sorted().filter { $0 != missing }
                    .map { TestResults.Result(id: $0, passed: passed) })
        }
        let digest = OpenSSLHashing().sha256([1])
        return ControlFacts(
            release: .success(
                ReleaseResults(
                    build: digest, tests: results(EvidenceControl.all.flatMap(\.releaseTests)))),
            deployment: .success(
                DeploymentResults(
                    at: now - age, index: 1, leaf: digest,
                    tests: results(EvidenceControl.all.flatMap(\.selfTests)))), built: now)
    }

    @Test func `what is not known is unknown`() {
        let answer = ReadinessAnswer(controls: nil)
        #expect(answer == .unknown("it is not known which controls have a gap"))
    }

    @Test func `tests of both kinds that passed leave no gap`() {
        guard case .ok = ReadinessAnswer(controls: facts(passed: true)) else {
            Issue.record("a control has a gap though all of its tests passed")
            return
        }
    }

    @Test func `one test without a result is a gap`() {
        for facts in [
            facts(passed: true, without: "IncidentServiceTests"),
            facts(passed: true, without: "control-incidents"),
        ] {
            guard case .missing(let text, _) = ReadinessAnswer(controls: facts) else {
                Issue.record("a test without a result is no gap")
                continue
            }
            #expect(text.contains("the first is C24: "))
        }
    }

    @Test func `failed and stale tests are gaps of all controls`() {
        for facts in [facts(passed: false), facts(passed: true, age: .seconds(8 * 24 * 3600))] {
            guard case .missing(let text, _) = ReadinessAnswer(controls: facts) else {
                Issue.record("a failed test is no gap")
                continue
            }
            #expect(text.hasPrefix("24 controls have a gap, the first is C01: "))
        }
    }
}
