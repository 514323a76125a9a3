import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

@Suite struct PolicyTestRunnerTests {
    private func run(_ tests: String) throws -> [PolicyTestResult] {
        let text = GuardedDecisionTests.policy + "\ntests:\n" + tests
        return PolicyTestRunner(try snapshot(text), at: exampleTime).run()
    }

    private func failures(_ test: String) throws -> [PolicyTestResult.Failure] {
        try run("  - {" + test + "}\n").flatMap(\.failures)
    }

    @Test func `A test that is right passes`() throws {
        #expect(
            try failures("agent: worker, call: desk.pay, args: {amount: 500}, expect: approve")
                == [])
        #expect(
            try failures(
                "agent: worker, call: desk.pay, args: {amount: 5000}, expect: deny, because: forbid"
            )
                == [])
        #expect(
            try failures(
                "agent: worker, call: desk.pay, args: {amount: 5000}, expect: deny, because: a-second"
            ) == [])
    }

    @Test func `A wrong verdict and a wrong reason are told`() throws {
        #expect(
            try failures("agent: worker, call: desk.pay, args: {amount: 500}, expect: allow")
                == [.verdict(expected: .allow)])
        #expect(
            try failures(
                "agent: worker, call: desk.pay, args: {amount: 5000}, expect: deny, because: b-first"
            )
                == [.because(expected: "b-first")])
        let result = try run("  - {agent: worker, call: desk.wipe, expect: approve 2}\n").first
        #expect(
            result?.text
                == "policy.yaml:93:5 FAIL worker desk.wipe: deny no-grant, expected approve 2")
    }

    @Test func `Obligations are compared as a set, and not at all when none is named`() throws {
        let call = "agent: worker, call: desk.pay, args: {amount: 5}, expect: allow"
        #expect(try failures(call) == [])
        #expect(try failures(call + ", obligations: [drop]") == [])
        #expect(
            try failures(call + ", obligations: [drop, keep]")
                == [.obligations(expected: ["drop", "keep"], found: ["drop"])])
        #expect(
            try failures(call + ", obligations: []")
                == [.obligations(expected: [], found: ["drop"])])
    }

    @Test func `A test without a time fails when the decision looks at it`() throws {
        let hours =
            "agent: late, call: desk.look, args: {cost: {cents: 1}}, expect: deny, because: hours"
        #expect(try failures(hours) == [.readsClock])
        #expect(try failures(hours + ", at: \"2026-11-20T10:00:00Z\"") == [])
        let window = "agent: worker, call: desk.look, args: {q: b}, expect: deny"
        #expect(try failures(window) == [.readsClock])
        // The call is decided before the elevation is considered.
        let forbidden = "agent: worker, call: desk.pay, args: {amount: 5000}, expect: deny"
        #expect(try failures(forbidden) == [])
    }

    @Test func `TrustStage, counters, person and taint are taken from the test`() throws {
        #expect(
            try failures(
                "agent: worker, call: desk.pay, args: {amount: 5}, stage: supervised, expect: approve"
            )
                == [])
        let night = "at: \"2026-11-20T23:00:00Z\""
        let look = "agent: late, call: desk.look, args: {cost: {cents: 1}}, \(night)"
        #expect(try failures(look + ", expect: allow") == [])
        #expect(try failures(look + ", counters: {calls: 10}, expect: deny, because: limit") == [])
        #expect(
            try failures(
                "agent: worker, call: desk.pay, args: {amount: 2000}, "
                    + "on_behalf_of: sam@acme.example, expect: deny, because: no-approvers") == [])
    }

    @Test func `Only what is selected runs; outside the schema is noted`() throws {
        let text =
            GuardedDecisionTests.policy + """

                tests:
                  - {name: one, agent: worker, call: desk.pay, args: {amount: 5}, expect: allow}
                  - {name: two, agent: worker, call: desk.wipe, expect: deny}
                """
        let runner = PolicyTestRunner(try snapshot(text), at: exampleTime) { address, arguments in
            arguments["amount"] == nil ? "\(address) wants an amount" : nil
        }
        #expect(runner.run { $0 == "two" }.map(\.name) == ["two"])
        #expect(
            runner.run().map(\.notes) == [
                [],
                ["the arguments are outside the pinned schema: desk.wipe wants an amount"],
            ])
        let allPass = runner.run().allSatisfy(\.passed)
        #expect(allPass)
    }

    @Test(.requirement("R010"))
    func `An agent is held or not as of the time of the test, whenever it is run`() throws {
        let text = """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            approvals: {leads: {members: [li@acme.example]}}
            servers:
              desk: {tools: {look: {class: read}, label: {class: write, effects: [customer_facing]}}}
            agents:
              a:
                owner: li@acme.example
                purpose: Labels
                tier: medium
                stage: supervised
                review_by: "2027-02-01"
                approvers: leads
                mcp_scopes: {desk: [look, label]}
            waivers: [{lint: W210, at: agents.a, owner: li@acme.example, until: "2026-12-15", reason: Small}]
            tests:
              - {agent: a, call: desk.look, at: "2026-11-20T10:00:00Z", expect: allow}
              - {agent: a, call: desk.look, at: "2027-01-20T10:00:00Z", expect: deny, because: incomplete}
            """
        for now in ["2026-11-20T09:00:00Z", "2027-01-20T09:00:00Z"] {
            let now = try #require(Timestamp(rfc3339: now))
            let results = PolicyTestRunner(try snapshot(text, at: now), at: now).run()
            #expect(results.map(\.failures) == [[], []], "\(results.map(\.text))")
        }
    }

    @Test func `A test that is served otherwise says so, unless it states its stage`() throws {
        let results = try run(
            """
              - {agent: worker, call: desk.pay, args: {amount: 5}, expect: allow}
              - {agent: worker, call: desk.pay, args: {amount: 5}, stage: trusted, expect: allow}

            """)
        #expect(results.map(\.passed) == [true, true])
        #expect(results.map { $0.servedOtherwise?.verdict } == [.approve(1), nil])
        #expect(results[0].text.contains("; served at stage supervised: approve controls."))
    }

    @Test func `A test that is served as it judges, at an earned stage, says nothing`() throws {
        let test = "  - {agent: worker, call: desk.pay, args: {amount: 5}, expect: allow}\n"
        let whole = try snapshot(GuardedDecisionTests.policy + "\ntests:\n" + test)
        let stage = try #require(TrustStageAssignment(2))
        let runner = PolicyTestRunner(
            whole, at: exampleTime, trust: { _ in .record(stage, isFounding: false) })
        let results = runner.run()
        #expect(results.map { $0.servedOtherwise?.verdict } == [nil])
        #expect(results.map { $0.served?.verdict } == [.allow])
    }

    @Test func `JUnit keeps each character of a failure, as a reference or by its code`() {
        let text = JUnitReport([], grave: ["a\r\u{1b}'<&\t"]).text
        #expect(text.contains(#"<failure message="a&#13;\u001B&apos;&lt;&amp;&#9;"/>"#))
    }
}
