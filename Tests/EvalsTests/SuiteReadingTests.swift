import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockEvals

/// The format of suites (docs/specs/evals.md, section 2).
@Suite(.requirement("R115")) struct SuiteReadingTests {
    private func findings(_ more: String, _ cases: [String]) -> [String] {
        EvalFixture.read(EvalFixture.head + more, cases).findings.map(\.text)
    }

    @Test func `a suite has the defaults of the format`() throws {
        let suite = EvalFixture.valid(
            "", [EvalFixture.agentText("b"), EvalFixture.policyText("a")])
        #expect(suite.agent == EvalFixture.agentName && suite.owner == EvalFixture.ines)
        #expect(suite.cases.map(\.id.text) == ["a", "b"])
        #expect(suite.baseline == .lastPass && suite.margin.tenThousandths == 1000)
        #expect(suite.floor.tenThousandths == 7500 && suite.maxAge == nil)
        #expect(suite.trials(of: .policy) == 1 && suite.trials(of: .agent) == 5)
        #expect(suite.maxAge(at: .high) == .seconds(14 * 86_400))
    }

    @Test func `a suite states its own numbers, and can only shorten the age`() {
        let suite = EvalFixture.valid(
            "baseline: none\nmargin: 0.05\nfloor: 1\nmax_age: 20d\ntrials: 7\n",
            [EvalFixture.agentText("a")])
        #expect(suite.baseline == .floorOnly && suite.margin.tenThousandths == 500)
        #expect(suite.floor.double == 1 && suite.trials(of: .policy) == 7)
        #expect(suite.maxAge(at: .medium) == .seconds(20 * 86_400))
        #expect(suite.maxAge(at: .high) == .seconds(14 * 86_400))
        let other = EvalFixture.valid(
            "baseline: \(EvalFixture.digest)\n", [EvalFixture.agentText("a")])
        #expect(other.baseline == .result(Digest(prefixed: EvalFixture.digest).unwrapped))
    }

    /// A rest of a suite that is refused.
    private static let bad = [
        "baseline: last\n", "baseline: sha256:ab\n", "margin: 0.6\n", "margin: -0.1\n",
        "margin: 0.00001\n", "margin: .1\n", "margin: 10%\n", "floor: 1.1\n", "floor: high\n",
        "max_age: 14\n", "trials: 0\n", "trials: 101\n", "trials: many\n", "colour: red\n",
        "agent: other\n", "flaky: {}\n", "owner: ines\n",
    ]

    @Test(arguments: bad)
    func `a value outside its range, an unknown key or a key twice is refused`(_ more: String) {
        let reading = EvalFixture.read(EvalFixture.head + more, [EvalFixture.agentText("a")])
        #expect(reading.suite == nil)
        #expect(reading.findings.allSatisfy { $0.place.file == "suite.yaml" })
    }

    @Test func `an unknown key of a suite names the nearest`() {
        let found = findings("margn: 0.1\n", [EvalFixture.agentText("a")])
        #expect(found.count == 1 && found[0].hasSuffix("did you mean `margin`?"))
        #expect(found[0].hasPrefix("suite.yaml:5:1 E201"))
    }

    @Test func `one bad case refuses the whole suite, and each file is reported`() {
        let reading = EvalFixture.read(
            EvalFixture.head, ["id: 1\n", EvalFixture.agentText("a"), "[\n"])
        #expect(reading.suite == nil && reading.agent == EvalFixture.agentName)
        #expect(Set(reading.findings.map(\.place.file)) == ["cases/0.yaml", "cases/2.yaml"])
    }

    @Test func `two cases with one id, and a suite without cases, are refused`() {
        let found = findings("", [EvalFixture.agentText("a"), EvalFixture.policyText("a")])
        #expect(found.count == 1 && found[0].contains("first defined at cases/0.yaml:1:1"))
        #expect(findings("", []).count == 1)
        #expect(EvalFixture.read("", [EvalFixture.agentText("a")]).suite == nil)
    }

    @Test func `agent cases need a command, and policy cases do not`() {
        let suite = EvalFixture.head.replacing(
            "command: [\"/opt/agents/refunds/run\", \"--headless\"]\n", with: "")
        #expect(EvalFixture.read(suite, [EvalFixture.policyText("a")]).suite != nil)
        let reading = EvalFixture.read(suite, [EvalFixture.agentText("a")])
        #expect(reading.suite == nil)
        #expect(reading.findings.map(\.code) == [.missingKey])
        #expect(
            EvalFixture.read(suite + "command: []\n", [EvalFixture.agentText("a")]).suite == nil)
        #expect(
            EvalFixture.read(suite + "command: [\"\"]\n", [EvalFixture.agentText("a")]).suite == nil
        )
    }

    private func flaky(_ id: String, _ count: Int, more: String = "") -> [Finding] {
        let cases =
            (0..<count).map { EvalFixture.agentText("g\($0)") } + [EvalFixture.policyText("p")]
        let entry =
            "flaky: [{case: \(id), owner: a@b.c, reason: clock, expires: \"2026-12-10\"}\(more)]\n"
        return EvalFixture.read(EvalFixture.head + entry, cases).findings
    }

    @Test func `a flaky entry is about a utility agent case, one in ten at most`() {
        #expect(flaky("g0", 9).isEmpty)
        #expect(flaky("g0", 8).map(\.code) == [.outOfRange])
        // Too many entries are one finding, and no entry is read.
        #expect(flaky("g99", 8).map(\.code) == [.outOfRange])
        #expect(flaky("p", 9).map(\.code) == [.wrongType])
        #expect(flaky("g99", 9).map(\.code) == [.noSuchName])
        let twice = ", {case: g0, owner: a@b.c, reason: x, expires: \"2026-12-10\"}"
        #expect(flaky("g0", 19, more: twice).map(\.code) == [.duplicateName])
    }

    @Test func `an ended flaky entry counts again by itself`() {
        let suite = EvalFixture.golden(
            10, "flaky: [{case: g3, owner: a@b.c, reason: clock, expires: \"2026-12-10\"}]\n")
        #expect(suite.flakyCases(on: EvalFixture.day) == [EvalFixture.id("g3")])
        let last = CivilDate("2026-12-10").unwrapped
        #expect(suite.flakyCases(on: last) == [EvalFixture.id("g3")])
        #expect(suite.flakyCases(on: CivilDate("2026-12-11").unwrapped).isEmpty)
    }
}
