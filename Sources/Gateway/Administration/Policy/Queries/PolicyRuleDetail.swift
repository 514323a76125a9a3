package import InterlockEvidence
package import InterlockModel
import InterlockPolicy
package import InterlockPolicyReview
import InterlockPorts

/// One rule of the policy in force, with what states it and what it is for.
package struct PolicyRuleDetail: Sendable {
    /// A test of the policy that expects the rule to decide.
    package struct Test: Sendable, Hashable {
        package let name: String?
        package let agent: String
        package let call: String
        /// The expected verdict in words.
        package let expected: String
        package let place: PolicyLocation

        package init(
            name: String?, agent: String, call: String, expected: String, place: PolicyLocation
        ) {
            self.name = name
            self.agent = agent
            self.call = call
            self.expected = expected
            self.place = place
        }
    }

    package let rule: PolicyRule
    package let sentence: String
    /// The lines of the file, or nil if the rule is built in, its file is not stored, or the lines may name agents that
    /// are not visible.
    package let excerpt: PolicyExcerpt?
    /// The visible agents to whose calls it can matter, by name.
    package let agents: [AgentName]
    /// The tests that name it, without those of agents that are not visible.
    package let tests: [Test]

    package init(
        rule: PolicyRule, sentence: String, excerpt: PolicyExcerpt?, agents: [AgentName],
        tests: [Test]
    ) {
        self.rule = rule
        self.sentence = sentence
        self.excerpt = excerpt
        self.agents = agents
        self.tests = tests
    }
}

extension PolicyQueryService {
    package func rule(named name: String, for visibility: Visibility) -> PolicyRule? {
        effectiveRule(named: name, in: snapshot).flatMap { PolicyRule($0, for: visibility) }
    }

    package func ruleDetail(
        named name: String, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> PolicyRuleDetail {
        let policy = snapshot
        guard let found = effectiveRule(named: name, in: policy),
            let rule = PolicyRule(found, for: visibility)
        else { throw .missing }
        let isConcerned = policy.isConcerned(by: found)
        return PolicyRuleDetail(
            rule: rule, sentence: found.sentence,
            excerpt: Self.mayRead(found, of: policy, visibility)
                ? try await excerpt(of: found, in: policy) : nil,
            agents: policy.roster.all.filter { visibility.sees($0.name) && isConcerned($0) }
                .map(\.name),
            tests: policy.tests(naming: found).filter { test in
                AgentName(test.agent.value).map(visibility.sees) ?? visibility.seesAll
            }.map(PolicyRuleDetail.Test.init))
    }

    /// Returns false if the lines of the rule may name an agent that is not visible, as those of a server's credentials do.
    private static func mayRead(
        _ rule: EffectiveRule, of policy: PolicySnapshot, _ visibility: Visibility
    ) -> Bool {
        policy.isRead(by: visibility)
            || (rule.kind != .server && rule.agents.allSatisfy(visibility.sees))
    }

    private func effectiveRule(named name: String, in policy: PolicySnapshot) -> EffectiveRule? {
        policy.rule(named: name, in: organisationRules(of: policy))
    }

    /// Returns the lines of a rule, read once for each revision; the files themselves are not kept in memory.
    private func excerpt(
        of rule: EffectiveRule, in policy: PolicySnapshot
    ) async throws(PolicyReadingRefusal) -> PolicyExcerpt? {
        guard let place = rule.place, let bundle = policy.basis.bundle, let sources else {
            return nil
        }
        if let known = excerpts.known(place, of: bundle) { return known }
        let found = try await asideOfCaller { () -> PolicyExcerpt? in
            guard let bytes = try? sources.bundle(bundle),
                let files = try? PolicyBundle(parsing: bytes).files
            else { return nil }
            return PolicyExcerpt(of: place, in: files)
        }
        if let found { excerpts.keep(found, at: place, of: bundle) }
        return found
    }
}

extension PolicyRuleDetail.Test {
    fileprivate init(_ test: TestSpec) {
        self.init(
            name: test.name, agent: test.agent.value, call: test.call.value,
            expected: test.expect.words, place: test.place)
    }
}
