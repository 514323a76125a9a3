import InterlockModel
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Rules by the names that decisions and links use.
struct RuleNamesTests {
    @Test func `each rule is found by its name, and names no other`() throws {
        let policy = try acme()
        let organisation = policy.organisationRules
        var names: Set<String> = []
        for rule in organisation {
            #expect(names.insert(rule.name).inserted, "\(rule.name)")
            #expect(policy.rule(named: rule.name, in: organisation) == rule, "\(rule.name)")
        }
        for agent in policy.agents.values {
            for rule in agent.spec.ownRules(in: policy) {
                #expect(policy.rule(named: rule.name, in: organisation)?.name == rule.name)
                #expect(rule.agents == [agent.name])
            }
        }
        #expect(policy.rule(named: "no-such-rule", in: organisation) == nil)
        #expect(policy.rule(named: "agents.no-such-agent.limits", in: organisation) == nil)
        #expect(policy.rule(named: "", in: organisation) == nil)
    }

    /// A decision names a part of a tier, and the grant of an elevation by its path.
    @Test func `a part of a rule leads to the rule`() throws {
        let policy = try acme()
        let organisation = policy.organisationRules
        #expect(policy.rule(named: "tiers.low.calls", in: organisation)?.name == "tiers.low")
        #expect(policy.rule(named: "tiers.lowest", in: organisation) == nil)
        #expect(
            policy.rule(named: "elevations[0].grant.deploy[0]", in: organisation)?.kind
                == .elevation)
    }

    /// Every rule that an outcome names has a page, and reasons that are no rule have none.
    @Test func `the rules of outcomes have pages`() throws {
        let policy = try acme()
        let organisation = policy.organisationRules
        var count = 0
        for name in policy.agents.keys {
            let reach = try #require(WorstCase(policy, of: name, .asWritten, at: exampleTime))
            for line in (reach.rows + reach.denied).flatMap(\.outcome.lines)
            where DecisionReason(rawValue: line.rule) == nil {
                #expect(policy.rule(named: line.rule, in: organisation) != nil, "\(line.rule)")
                count += 1
            }
        }
        #expect(count > 5)
    }

    @Test func `a rule is a sentence with its condition in words`() throws {
        let policy = try acme()
        for rule in policy.organisationRules where rule.kind == .forbid {
            #expect(
                rule.sentence.hasPrefix("Every call of ") && rule.sentence.hasSuffix("is denied")
                    || rule.sentence.contains("is denied if ")
                    || rule.sentence.contains(", at tier "))
        }
        let grants = policy.agents.values.flatMap { $0.spec.ownRules(in: policy) }
            .filter { $0.kind == .grant }
        #expect(grants.contains { $0.sentence.contains(" is granted ") })
    }

    @Test func `each number in the sentence of a rule has its unit`() throws {
        let hourly = Rate(count: 1_000_000, windowSeconds: 3600)
        #expect(RuleSentence.rate(hourly) == "1\u{202f}000\u{202f}000 calls an hour")
        #expect(RuleSentence.rate(Rate(count: 1, windowSeconds: 86_400)) == "1 call a day")
        #expect(RuleSentence.time(.seconds(7200)) == "2 h")
        #expect(RuleSentence.time(.seconds(5430)) == "1 h 30 min 30 s")
        #expect(RuleSentence.bytes(65_536) == "64 KiB" && RuleSentence.bytes(1) == "1 byte")
        let policy = try acme()
        let rules =
            policy.organisationRules
            + policy.agents.values.flatMap { $0.spec.ownRules(in: policy) }
        for rule in rules {
            let words = try #require(rule.words, "\(rule.kind) \(rule.name)")
            #expect(words != "\(rule.subject): \(rule.text)")
        }
        let groups = rules.filter { $0.kind == .approvers }
        #expect(!groups.isEmpty)
        #expect(groups.allSatisfy { $0.sentence.contains(" decide within ") })
        let tiers = rules.filter { $0.kind == .tier }
        #expect(tiers.allSatisfy { $0.sentence.contains("make at most ") })
        for limit in rules where limit.kind == .limit {
            #expect(limit.sentence.contains(" at most "), "\(limit.sentence)")
        }
    }

    @Test func `amounts in the sentence of a rule have the unit of its tool`() throws {
        let entry = "refund_request: {class: write, effects: [irreversible, spends_money]"
        let units = ", units: {amount_cents: {money: minor, currency: args.currency}}}"
        let policy = try acme((entry + "}", entry + units))
        let grants = policy.agents.values.flatMap { $0.spec.ownRules(in: policy) }
        let refund = try #require(grants.first { $0.text.contains("args.amount_cents <= 50000") })
        #expect(refund.sentence.contains("amount_cents is at most 500.00 EUR or USD"))
        let cap = try #require(
            policy.rule(named: "hard-refund-cap", in: policy.organisationRules))
        #expect(cap.sentence.contains("minor units of currency") && cap.text.contains("200000"))
    }

    @Test func `a limit of a sum has the unit of its argument, exact if the currency is known`()
        throws
    {
        let entry = "refund_request: {class: write, effects: [irreversible, spends_money]"
        func unit(_ policy: PolicySnapshot) throws -> LimitUnit? {
            let limits = policy.agents.keys.flatMap { policy.limits(of: $0) }
            #expect(limits.allSatisfy { $0.isSum || LimitUnit(of: $0, in: policy) == nil })
            return LimitUnit(of: try #require(limits.first { $0.isSum }), in: policy)
        }
        func declared(_ currency: String) throws -> LimitUnit? {
            let units = ", units: {amount_cents: {money: minor, currency: \(currency)}}}"
            return try unit(acme((entry + "}", entry + units)))
        }
        #expect(try unit(acme()) == nil)
        let fixed = try #require(try declared("EUR"))
        #expect(fixed.text(of: 500_000) == "5\u{202f}000.00 EUR")
        let open = try #require(try declared("args.currency"))
        #expect(open.sentence == "amount_cents in minor units of args.currency")
        #expect(open.text(of: 500_000) == nil)
    }
}

/// The lines of a rule in its file.
struct PolicyExcerptTests {
    private static let text = """
        controls:
          production:
            supervised: approve 2

            trusted: approve 2
          read: {supervised: allow, trusted: allow}
        forbid:
        - id: no-nuke
          tools: [desk.nuke]
          # why
          when: |
            args.a == 1

        - {id: next, tools: [desk.pay]}
        agents:
          clerk:
            approval_required:
            - desk.pay
            tier: low
        """

    private func lines(_ line: Int, file: String = "org.yaml") -> [String]? {
        PolicyExcerpt(
            of: PolicyLocation(file: file, line: line, column: 1),
            in: [PolicyFile(path: "org.yaml", role: .organisation, bytes: Array(Self.text.utf8))]
        )?.lines
    }

    @Test func `a rule has its own lines and no others`() {
        #expect(
            lines(2) == [
                "  production:", "    supervised: approve 2", "", "    trusted: approve 2",
            ]
        )
        #expect(lines(6) == ["  read: {supervised: allow, trusted: allow}"])
        #expect(
            lines(8) == [
                "- id: no-nuke", "  tools: [desk.nuke]", "  # why", "  when: |", "    args.a == 1",
            ])
        #expect(lines(14) == ["- {id: next, tools: [desk.pay]}"])
        #expect(lines(17) == ["    approval_required:", "    - desk.pay"])
    }

    @Test func `a location that the files do not have has no lines`() {
        #expect(lines(2, file: "other.yaml") == nil)
        #expect(lines(0) == nil)
        #expect(lines(1000) == nil)
    }

    @Test func `a long rule is cut, which is said`() throws {
        let text = "a:\n" + String(repeating: "  b: 1\n", count: 200)
        let found = try #require(
            PolicyExcerpt(
                of: PolicyLocation(file: "a", line: 1, column: 1),
                in: [PolicyFile(path: "a", role: .single, bytes: Array(text.utf8))]))
        #expect(found.isCut && found.lines.count == PolicyExcerpt.mostLines)
    }
}
