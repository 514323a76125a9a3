import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockYAML

extension Invariants {
    private static let policyCase = Array(
        """
        interlock_eval: 1
        id: other
        kind: policy
        class: allow
        call: a.b
        expect: allow

        """.utf8)

    /// The input is a case and a suite. Reading twice gives the same result, a file with an error gives nothing, what is
    /// read is within its limits, and each mutant is JSON.
    package static func evals(_ bytes: [UInt8]) {
        guard let agent = AgentName("refunds") else { return }
        let file = SuiteReader.File(path: "input.yaml", bytes: bytes)
        let reading = CaseReading(SuiteReader.parsed(file), of: agent)
        precondition(
            reading.findings == CaseReading(SuiteReader.parsed(file), of: agent).findings,
            "what is said of a file is a function of its bytes")
        precondition(
            (reading.evalCase == nil) != reading.findings.isEmpty,
            "a file is a case, or it says why not")
        reading.findings.forEach(checkInput)
        if let one = reading.evalCase { check(one) }
        let other = SuiteReader.File(path: "other.yaml", bytes: policyCase)
        let suite = SuiteReader.read(file, cases: [other])
        precondition(
            (suite.suite == nil) != suite.findings.isEmpty, "a file is a suite, or it says why not")
        if let read = suite.suite { check(read) }
    }

    /// Checks a finding about `input.yaml`.
    static func checkInput(_ finding: Finding) {
        precondition(finding.place.file == "input.yaml", "a finding has its place")
        precondition(!finding.message.contains("\n"), "a message is one line")
    }

    private static func check(_ one: EvalCase) {
        precondition(CaseID(one.id.text) == one.id, "an id is read again")
        precondition(!one.isDraft || one.reviews.isEmpty, "a draft has no reviewer")
        switch one.body {
        case .policy(let policy):
            precondition(
                ToolAddress(ofCase: policy.call.description) == policy.call,
                "a tool is read again")
            let mutants = policy.mutants(seed: 1).all
            precondition(mutants.count <= ArgumentMutants.most, "mutants are bounded")
            let limits = JSONLimits(bytes: 1 << 22, largeIntegers: .keep)
            // The parser refuses numbers of more than a thousand digits, which a case can have.
            guard
                (try? JSONValue(parsing: policy.test.arguments.serialized(), limits: limits)) != nil
            else { return }
            for mutant in mutants {
                precondition(mutant.arguments(limits: limits) != nil, "a mutant is JSON")
            }
        case .agent(let agent):
            precondition(agent.callCount <= EvalLimits.calls, "calls are bounded")
            precondition(
                agent.world.hasPrefix("fixtures/") && !agent.world.contains("/."),
                "a world is a file below `fixtures/`")
            precondition(
                agent.calls.counts.allSatisfy { $0.least <= ($0.most ?? .max) },
                "a count is possible")
        }
    }

    private static func check(_ suite: Suite) {
        for kind in CaseKind.allCases {
            precondition(EvalLimits.trials.contains(suite.trials(of: kind)), "trials are bounded")
        }
        for tier in Tier.allCases {
            precondition(suite.maxAge(at: tier) <= tier.resultAge, "a suite shortens the age")
        }
        precondition(suite.margin.double <= 0.5 && suite.floor.double <= 1, "a rate is a rate")
        precondition(suite.flaky.isEmpty, "one case of one is not one in ten")
    }
}
