package import InterlockJSON
package import InterlockModel
package import InterlockPolicy
package import InterlockSafety

/// Runs the `tests` of a policy against its compiled form, with the decision that the gateway uses.
///
/// Pins, halts, reviews and evals count as passed. If a test does not state them, the stage and the limits
/// are the file's and counters are zero (docs/specs/policy.md, section 9). Waivers, elevations and missing
/// statements, which hold an agent, are evaluated at the time of each test.
package struct PolicyTestRunner: Sendable {
    /// Describes how arguments violate the reviewed schema, or returns nil if they do not.
    package typealias Violation = @Sendable (ToolAddress, JSONValue) -> String?

    /// The facts about arguments that a decision takes from their search.
    package struct ArgumentFacts: Sendable {
        /// The finding that denies the call; nil for none.
        package let finding: DecisionFacts.ArgumentFinding?
        /// The classes of other values, at places where the policy does not admit them.
        package let classes: SecretClassSet

        package init(
            finding: DecisionFacts.ArgumentFinding? = nil, classes: SecretClassSet = []
        ) {
            self.finding = finding
            self.classes = classes
        }
    }

    /// Searches the arguments of a call of a tool, under a policy and as of a time.
    package typealias Search =
        @Sendable (JSONValue, ToolAddress, PolicySnapshot, Timestamp) -> ArgumentFacts

    /// The trust of an agent as it is served.
    package typealias Trust = @Sendable (AgentName) -> AgentTerms.Trust

    private let policy: PolicySnapshot
    /// The time of tests without `at`.
    private let now: Timestamp
    private let violation: Violation
    private let search: Search
    private let trust: Trust

    /// - Parameter trust: the trust of each agent as it is served; without a gateway that tells it, no agent has any.
    package init(
        _ policy: PolicySnapshot, at now: Timestamp,
        violation: @escaping Violation = { _, _ in nil },
        search: @escaping Search = { _, _, _, _ in ArgumentFacts() },
        trust: @escaping Trust = { _ in .none }
    ) {
        self.policy = policy
        self.now = now
        self.violation = violation
        self.search = search
        self.trust = trust
    }

    /// - Parameter isSelected: returns true for the names of tests to run; all by default.
    /// - Returns: one result for each, in the order of the files.
    package func run(_ isSelected: (String) -> Bool = { _ in true }) -> [PolicyTestResult] {
        let selected = policy.document.tests.compactMap(named).filter { isSelected($0.name) }
        let dated = dated(for: selected)
        return selected.map { run($0, by: $0.test.at.flatMap { dated[$0] } ?? policy) }
    }

    /// Runs tests that are not part of the policy.
    ///
    /// - Returns: one result for each, in their order; nil for a test of no agent's name or of no tool of the policy.
    package func run(_ tests: [TestSpec]) -> [PolicyTestResult?] {
        let all = tests.map(named)
        let dated = dated(for: all.compactMap { $0 })
        return all.map { named in
            named.map { run($0, by: $0.test.at.flatMap { dated[$0] } ?? policy) }
        }
    }

    /// The policy as of each time that the tests state, for their agents.
    private func dated(for tests: [NamedTest]) -> [Timestamp: PolicySnapshot] {
        var agents: [Timestamp: Set<AgentName>] = [:]
        for one in tests {
            if let at = one.test.at { agents[at, default: []].insert(one.agent) }
        }
        return Dictionary(uniqueKeysWithValues: agents.map { ($0, policy.asOf($0, only: $1)) })
    }

    private struct NamedTest {
        let test: TestSpec
        let name: String
        let agent: AgentName
        let address: ToolAddress
    }

    /// Returns nil for a test of no agent's name or of no tool of the policy.
    private func named(_ test: TestSpec) -> NamedTest? {
        guard let agent = AgentName(test.agent.value),
            let tool = policy.table.number(of: test.call.value)
        else { return nil }
        let address = policy.table.rows[tool].address
        return NamedTest(
            test: test, name: test.name ?? "\(agent) \(address)", agent: agent, address: address)
    }

    private func run(_ named: NamedTest, by policy: PolicySnapshot) -> PolicyTestResult {
        let (test, agent, address) = (named.test, named.agent, named.address)
        let data = policy.dataObligations(of: address, for: agent)
        let arguments = data?.argumentsDropped(from: test.arguments) ?? test.arguments
        let request = DecisionRequest(agent: agent, address: address, arguments: arguments)
        let found = search(arguments, address, policy, test.at ?? now)
        func decide(_ trust: AgentTerms.Trust, at stage: TrustStage? = nil) -> Decision {
            var facts = DecisionFacts(
                onBehalfOf: test.onBehalfOf?.value, counters: test.counters)
            facts.level = test.level
            facts.assumeLabel()
            if let label = test.label { facts.label = label }
            facts.task = test.purpose.flatMap { RunTaskName($0.value) }
            if let terms = policy.terms(of: agent, trust) { facts.put(under: terms) }
            if let stage { facts.effectiveStage = stage }
            facts.reviewsCount = false
            facts.arguments = found.finding
            facts.classes = found.classes
            return policy.decide(request, facts: facts, now: test.at ?? now)
        }
        let decision = decide(.asWritten, at: test.stage)
        let note = violation(address, arguments).map {
            "the arguments are outside the pinned schema: \($0)"
        }
        return PolicyTestResult(
            name: named.name, place: test.place, path: test.path, agent: agent, call: address,
            decision: decision, served: test.stage == nil ? decide(trust(agent)) : nil,
            failures: failures(of: test, decision),
            notes: note.map { [$0] } ?? [])
    }

    private func failures(of test: TestSpec, _ decision: Decision) -> [PolicyTestResult.Failure] {
        var failures: [PolicyTestResult.Failure] = []
        if decision.verdict != test.expect { failures.append(.verdict(expected: test.expect)) }
        if let because = test.because, because != decision.reason.rawValue, because != decision.rule
        {
            failures.append(.because(expected: because))
        }
        if let expected = test.obligations {
            let found = decision.data?.names ?? []
            if Set(found) != expected {
                failures.append(.obligations(expected: expected.sorted(), found: found))
            }
        }
        if test.at == nil, decision.readsClock { failures.append(.readsClock) }
        return failures
    }
}
