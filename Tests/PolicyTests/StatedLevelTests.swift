import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// The level of a run that a test of a policy states (docs/specs/policy.md, section 9).
@Suite(.requirement("R084")) struct StatedLevelTests {
    private static let policy = """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        approvals:
          leads: {members: [ada@acme.example, sam@acme.example, rui@acme.example]}
        servers:
          desk:
            tools: {mail: {class: write, effects: [sensitive_data]}}
        agents:
          bound:
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            taint: {mode: strict, hostile: deny}
            mcp_scopes: {desk: [write]}
        tests:

        """

    /// The verdict and the reason of the call in a run of this level.
    private func decided(_ level: String) throws -> String {
        let test = "  - {agent: bound, call: desk.mail, expect: allow\(level)}\n"
        let results = PolicyTestRunner(try snapshot(Self.policy + test), at: exampleTime).run()
        let decision = try #require(results.first).decision
        return "\(decision.verdict) \(decision.reason.rawValue)"
    }

    @Test func `an untrusted run is told from a hostile one, by its word`() throws {
        #expect(try decided(", level: untrusted").hasSuffix(" taint-approval"))
        #expect(try decided(", level: hostile") == "deny taint-denied")
        let clean = try decided(", level: clean")
        #expect(try clean == decided("") && !clean.contains("taint"))
    }

    @Test func `a tainted run without a level is untrusted, and a level says how much more`() throws
    {
        #expect(try decided(", tainted: true") == decided(", level: untrusted"))
        #expect(try decided(", tainted: true, level: hostile") == decided(", level: hostile"))
        #expect(try decided(", tainted: false") == decided(", level: clean"))
    }

    @Test(arguments: TaintLevel.allCases)
    func `facts keep the level that is put, and a word means one`(_ level: TaintLevel) {
        var facts = DecisionFacts()
        facts.level = .hostile
        facts.level = level
        #expect(facts.level == level && facts.tainted == (level > .clean))
        #expect(facts.unmarked == (level == .untrusted))
        #expect(TaintLevel(name: level.name) == level)
        #expect(TaintLevel(stated: level, isTainted: nil) == level)
        #expect(TaintLevel(stated: level, isTainted: level > .clean) == level)
        #expect(TaintLevel(stated: level, isTainted: level == .clean) == nil)
    }

    @Test func `a test states the worst label of the values, by which the table decides`() throws {
        let table = Self.policy.replacing("mode: strict, hostile: deny", with: "mode: provenance")
        func decided(_ keys: String) throws -> String {
            let test = "  - {agent: bound, call: desk.mail, expect: allow, \(keys)}\n"
            let results = PolicyTestRunner(try snapshot(table + test), at: exampleTime).run()
            return try #require(results.first).decision.reason.rawValue
        }
        #expect(try decided("level: clean") != "taint-approval")
        #expect(try decided("level: clean, label: named") == "taint-approval")
        #expect(try decided("level: untrusted") == "taint-approval")
        #expect(try decided("level: untrusted, label: request") != "taint-approval")
        #expect(try decided("level: untrusted, label: made") == "taint-approval")
        #expect(try decided("level: hostile, label: trusted") == "taint-approval")
    }

    @Test func `another word is no level`() {
        for word in ["", "unmarked", "Hostile", "trusted"] {
            #expect(TaintLevel(name: word) == nil, "\(word)")
        }
    }
}
