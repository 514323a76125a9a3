import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvidencePack

/// The table of controls, and the status that follows from tests and records (docs/specs/evidence.md, sections 1 and 3).
@Suite(.requirement("R134")) struct EvidenceControlTests {
    @Test func `the table has each control once, in order`() {
        #expect(EvidenceControl.all.map(\.id) == ControlID.allCases)
        for control in EvidenceControl.all {
            #expect(!control.samples.isEmpty && !control.statement.isEmpty, "\(control.id)")
            let kinds = control.samples.map(\.name)
            #expect(Set(kinds).count == kinds.count, "\(control.id)")
        }
    }

    @Test func `each negative test of a pitfall belongs to a control`() {
        #expect(EvidenceControl.negativeTests.count == 9)
        let required = EvidenceControl.all.flatMap(\.releaseTests)
        for test in EvidenceControl.negativeTests { #expect(required.contains(test), "\(test)") }
    }

    @Test func `each control has tests of both kinds`() {
        for control in EvidenceControl.all {
            #expect(!control.releaseTests.isEmpty && !control.selfTests.isEmpty, "\(control.id)")
        }
    }

    @Test(arguments: EvidenceControl.all.map(\.id))
    func `each control is enforced by results of both kinds, and by no fewer`(
        _ id: ControlID
    ) throws {
        let control = try #require(EvidenceControl.of(id))
        var log = EvidenceFixture()
        try log.add("run.start")
        try log.add("call.denied")
        let counter = log.counter()
        let whole = try #require(EvidenceFixture.control(id, EvidenceFixture.facts(), counter))
        #expect(whole.status == .enforced(at: control.points), "\(whole.gaps.map(\.text))")
        for test in control.releaseTests + control.selfTests {
            for facts in [
                EvidenceFixture.facts(without: [test]), EvidenceFixture.facts(failed: [test]),
            ] {
                let made = try #require(EvidenceFixture.control(id, facts, counter))
                #expect(made.status == .gap, "\(test)")
            }
        }
        let stale = EvidenceFixture.facts(at: EvidenceFixture.built - .seconds(8 * 24 * 3600))
        let made = try #require(EvidenceFixture.control(id, stale, counter))
        #expect(made.status == .gap)
    }

    @Test func `each suite that a control names exists`() {
        let names = Self.files(TestFiles.root(from: #filePath) + "/Tests")
        #expect(names.count > 500)
        for test in EvidenceControl.all.flatMap(\.releaseTests)
        where !EvidenceControl.negativeTests.contains(test) {
            #expect(names.contains { $0.hasSuffix("/\(test).swift") }, "\(test)")
        }
    }

    /// The paths below a folder; a name without a point is a folder, too.
    private static func files(_ folder: String) -> [String] {
        TestFiles.list(folder).flatMap { path -> [String] in
            let name = path.split(separator: "/").last ?? ""
            return path.hasSuffix(".swift") ? [path] : name.contains(".") ? [] : files(path)
        }
    }

    @Test func `a control with passed tests and records is enforced`() throws {
        var log = EvidenceFixture()
        try log.add("call.denied")
        let made = try #require(
            EvidenceFixture.control(.c01, EvidenceFixture.facts(), log.counter()))
        #expect(made.status == .enforced(at: "decide, tools/list"))
        #expect(made.gaps.isEmpty && made.tests.count == 6)
    }

    @Test(arguments: ["DecisionTests", "unlisted-tool", "pitfall-prompt-as-boundary"])
    func `a test without a result, and one that failed, is a gap`(_ test: String) throws {
        var log = EvidenceFixture()
        try log.add("call.denied")
        for facts in [
            EvidenceFixture.facts(without: [test]), EvidenceFixture.facts(failed: [test]),
        ] {
            let made = try #require(EvidenceFixture.control(.c01, facts, log.counter()))
            #expect(made.status == .gap)
            #expect(made.gaps.count == 1 && made.gaps[0].text.contains(test))
        }
    }

    @Test func `a self-test of 7 days, or of the future, shows nothing`() throws {
        var log = EvidenceFixture()
        try log.add("call.denied")
        let built = EvidenceFixture.built
        let ages: [(Duration, Bool)] = [
            (.zero, true), (.seconds(7 * 24 * 3600) - .microseconds(1), true),
            (.seconds(7 * 24 * 3600), false), (.seconds(-1), false),
        ]
        for (age, isFresh) in ages {
            let facts = EvidenceFixture.facts(at: built - age)
            let made = try #require(EvidenceFixture.control(.c01, facts, log.counter()))
            #expect((made.status == .gap) != isFresh, "\(age)")
        }
    }

    @Test func `no results at all are one gap of each kind`() throws {
        let facts = ControlFacts(
            release: .failure(EvidenceProblem("No release.")),
            deployment: .failure(EvidenceProblem("No self-test.")), built: EvidenceFixture.built)
        var log = EvidenceFixture()
        try log.add("run.start")
        for id in ControlID.allCases {
            let made = try #require(EvidenceFixture.control(id, facts, log.counter()))
            #expect(made.status == .gap && made.tests.isEmpty, "\(id)")
        }
        #expect(ControlGaps.open(facts).map(\.control) == ControlID.allCases)
    }

    @Test func `records that are due and absent, and records against a control, are gaps`() throws {
        let facts = EvidenceFixture.facts()
        let empty = EvidenceFixture().counter()
        let due = try #require(EvidenceFixture.control(.c09, facts, empty))
        #expect(due.status == .gap)
        let rare = try #require(EvidenceFixture.control(.c05, facts, empty))
        #expect(rare.status != .gap)
        var log = EvidenceFixture()
        try log.add("kill.violation")
        let made = try #require(EvidenceFixture.control(.c08, facts, log.counter()))
        #expect(made.status == .gap && made.gaps[0].text.contains("kill.violation"))
    }

    @Test func `guidance is no gap and never enforced`() throws {
        let facts = EvidenceFixture.facts(guidance: [.c22])
        let made = try #require(
            EvidenceFixture.control(.c22, facts, EvidenceFixture().counter()))
        #expect(made.status == .guidance)
        #expect(!ControlGaps.open(facts).map(\.control).contains(.c22))
    }

    @Test func `an act that was not tested has no result`() throws {
        let report: JSONValue = [
            "acts": [
                [
                    "id": "egress-to-unlisted-host", "result": "pass",
                    "text": "not tested: no sandbox",
                ],
                ["id": "unlisted-tool", "result": "pass", "text": "refused"],
            ],
            "checks": [["id": "seven-tiers", "result": "fail", "text": "too low"]],
        ]
        let results = try #require(
            DeploymentResults(
                report: report.serialized(), at: EvidenceFixture.built, index: 1,
                leaf: EvidenceFixture.build))
        #expect(results.tests.passed("egress-to-unlisted-host") == nil)
        #expect(results.tests.passed("unlisted-tool") == true)
        #expect(results.tests.passed("seven-tiers") == false)
        #expect(
            DeploymentResults(
                report: [0x7b], at: EvidenceFixture.built, index: 1, leaf: EvidenceFixture.build)
                == nil)
    }

    @Test func `a part of a self-test that failed says what was seen, and its remedy`() throws {
        let report: JSONValue = [
            "acts": [["id": "unlisted-tool", "result": "fail", "text": "it ran"]],
            "checks": [
                [
                    "id": "seven-tiers", "result": "fail", "text": "one agent has no tier",
                    "remedy": "state `tier`",
                ],
                ["id": "seven-inventory", "result": "pass", "text": "known", "remedy": .null],
            ],
        ]
        let results = try #require(
            DeploymentResults(
                report: report.serialized(), at: EvidenceFixture.built, index: 1,
                leaf: EvidenceFixture.build))
        #expect(results.reasons["unlisted-tool"] == ": it ran.")
        #expect(
            results.reasons["seven-tiers"] == ": one agent has no tier. Remedy: state `tier`.")
        #expect(results.reasons.count == 2)
        let facts = ControlFacts(
            release: .failure(EvidenceProblem("No release.")), deployment: .success(results),
            built: EvidenceFixture.built)
        let control = try #require(EvidenceControl.of(.c02))
        #expect(facts.gaps(of: control).contains { $0.text.hasSuffix("Remedy: state `tier`.") })
    }

    @Test func `a self-test whose report cannot be opened or read shows nothing`() {
        for report in [nil, [], Array("{}".utf8)] as [[UInt8]?] {
            let found = DeploymentResults.known(
                report: report, at: EvidenceFixture.built, leaf: EvidenceFixture.build)
            guard case .failure(let problem) = found else {
                Issue.record("a report without acts was read")
                continue
            }
            #expect(problem.text == "The report of the newest self-test cannot be opened.")
        }
        let empty = Array(#"{"acts":[],"checks":[]}"#.utf8)
        let read = DeploymentResults.known(
            report: empty, at: EvidenceFixture.built, leaf: EvidenceFixture.build)
        guard case .success(let results) = read else {
            Issue.record("a report without results was not read")
            return
        }
        #expect(results.tests.results.isEmpty && results.isFresh(at: EvidenceFixture.built))
    }
}
