import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

@Suite struct `Mutants of the example` {
    private static let policy = """
        interlock: 1
        org: acme
        controls: {read: {supervised: allow, trusted: allow}}
        servers:
          pay: {tools: {send: {class: write, effects: [reversible]}, get: {class: read}}}
        approvals: {all: {members: [a@b.example, c@b.example, d@b.example]}}
        forbid:
          - {id: cap, tools: [pay.send], when: "args.n > 100"}
        agents:
          one:
            owner: a@b.example
            purpose: Pays
            tier: medium
            stage: supervised
            review_by: "2027-01-20"
            approvers: all
            mcp_scopes: {pay: [{tool: send, when: "args.n >= 0"}]}
        tests:

        """

    private func fates(
        _ tests: String, at now: Timestamp = exampleTime
    ) throws -> [String: MutantResult.Fate] {
        let run = MutationRun(
            try compiled(Self.policy + tests, at: now), at: now, hashing: FoldingHash())
        let results = run.mutants.map(run.judge)
        return Dictionary(uniqueKeysWithValues: results.map { ($0.mutant.change, $0.fate) })
    }

    @Test func `a forbid that no test looks at survives, with what it would let through`() throws {
        let fates = try fates(
            "  - {agent: one, call: pay.send, args: {n: 1}, expect: approve}\n")
        guard case .survived(let difference)? = fates["forbid cap dropped"] else {
            Issue.record("\(fates)")
            return
        }
        #expect(difference.text == #"WIDENS one pay.send approve: {"n":101} was deny forbid"#)
        #expect(
            difference.missingTest
                == #"  - {agent: one, call: pay.send, args: {"n":101}, expect: deny}"#)
    }

    @Test func `the test that is proposed for a survivor kills it`() throws {
        var tests = "  - {agent: one, call: pay.get, expect: deny}\n"
        for _ in 0..<20 {
            let survivors = try fates(tests).compactMap { change, fate in
                if case .survived(let difference) = fate { (change, difference) } else { nil }
            }.sorted { $0.0 < $1.0 }
            guard let (change, difference) = survivors.first(where: { $0.1.missingTest != nil })
            else { break }
            let proposed = try #require(difference.missingTest)
            tests += proposed + "\n"
            guard case .killed? = try fates(tests)[change] else {
                Issue.record("\(change) survives \(proposed)")
                return
            }
        }
        #expect(tests.split(separator: "\n").count > 2)
        for (change, fate) in try fates(tests) {
            if case .survived(let difference) = fate {
                #expect(difference.missingTest == nil, "\(change): \(difference.text)")
            }
        }
    }

    @Test func `tests at both sides of a bound kill all that moves it`() throws {
        let fates = try fates(
            """
              - {agent: one, call: pay.send, args: {n: 100}, expect: approve}
              - {agent: one, call: pay.send, args: {n: 101}, expect: deny}
              - {agent: one, call: pay.send, args: {n: 0}, expect: approve}
              - {agent: one, call: pay.send, args: {n: -1}, expect: deny}

            """)
        for change in [
            "forbid cap dropped", "forbid[0].when: `args.n >= 100`",
            "forbid[0].when: `args.n > 99`",
            "forbid[0].when: `args.n > 101`", "guard of agents.one.mcp_scopes.pay[0] dropped",
            "agents.one.mcp_scopes.pay[0].when: `args.n > 0`",
            "agents.one.mcp_scopes.pay[0].when: `args.n >= 1`",
        ] {
            guard case .killed? = fates[change] else {
                Issue.record(
                    "\(change): \(String(describing: fates[change])) of \(fates.keys.sorted())")
                continue
            }
        }
    }

    @Test func `a test with a time of its own kills the same mutants after the review's end`()
        throws
    {
        let tests = """
              - {agent: one, call: pay.send, args: {n: 100}, at: "2026-11-24T12:00:00Z", expect: approve}
              - {agent: one, call: pay.send, args: {n: 101}, at: "2026-11-24T12:00:00Z", expect: deny}

            """
        let later = try #require(Timestamp(rfc3339: "2027-03-01T00:00:00Z"))
        let now = try fates(tests)
        guard case .killed? = now["forbid cap dropped"] else {
            Issue.record("\(now)")
            return
        }
        #expect(try fates(tests, at: later)["forbid cap dropped"] == now["forbid cap dropped"])
    }

    @Test(.requirement("R041"))
    func `every mutant of the example is judged, and the score is the share of the noticed`()
        throws
    {
        let run = MutationRun(try acme(), at: exampleTime, hashing: FoldingHash())
        let results = run.mutants.map(run.judge)
        let score = MutationScore(results)
        print("mutation score of acme.yaml: \(score.killed) of \(score.judged)")
        #expect(score.judged > 35)
        #expect(score.share > 0.3)
        let survivors = results.filter { if case .survived = $0.fate { true } else { false } }
        #expect(score.killed + survivors.count == score.judged)
    }
}
