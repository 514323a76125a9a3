import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Everything that shows or tests an agent's permissions, against a reference that is written independently, over random
/// policies.
@Suite struct `An agent's terms over random policies` {
    private static let rounds = 60
    private static let trusts: [AgentTerms.Trust] = {
        var trusts: [AgentTerms.Trust] = [.none, .asWritten]
        for number in 0...3 {
            guard let record = TrustStageAssignment(number) else { continue }
            trusts.append(.record(record, isFounding: false))
            if number == 3 { trusts.append(.record(record, isFounding: true)) }
        }
        return trusts
    }()

    private let agent = AgentName("helper")

    /// Calls `check` with policies that are not refused.
    private func policies(
        _ rounds: Int = Self.rounds,
        _ check: (RandomPolicy, PolicySnapshot, AgentName) throws -> Void
    ) throws {
        let agent = try #require(agent)
        var random = SeededGenerator.announced()
        for _ in 0..<rounds {
            let policy = RandomPolicy(random)
            try check(policy, try compiled(policy.text()), agent)
            random = policy.random
        }
    }

    private func decision(
        _ snapshot: PolicySnapshot, _ agent: AgentName, _ tool: RandomPolicy.Tool,
        _ argument: RandomArgument, sandboxed: Bool, at hour: Int, _ terms: AgentTerms,
        counters: [String: Int64] = [:]
    ) throws -> Decision {
        var facts = DecisionFacts(sandboxed: sandboxed, counters: counters)
        facts.put(under: terms)
        let arguments = try JSONValue(
            parsing: Array((argument.json.map { "{\"n\":\($0)}" } ?? "{}").utf8), limits: .agent)
        let request = DecisionRequest(
            agent: agent, address: try address(tool), arguments: arguments)
        let now = try #require(Timestamp(rfc3339: RandomPolicy.time(hour)))
        return snapshot.decide(request, facts: facts, now: now)
    }

    private func address(_ tool: RandomPolicy.Tool) throws -> ToolAddress {
        ToolAddress(
            server: try #require(ServerName("desk")), tool: try #require(ToolName(tool.name)))
    }

    /// The stage and the share of limits, by docs/specs/trust-and-review.md, section 2.
    private func expected(
        _ policy: RandomPolicy, _ trust: AgentTerms.Trust
    ) -> (stage: TrustStage, percent: Int64) {
        switch trust {
        case .asWritten: return (policy.stage, 100)
        case .record(let record, let isFounding, let hasOwnerLeft):
            let ceiling = isFounding || policy.stage == .supervised ? 1 : 3
            let number = min(record.number, ceiling)
            if hasOwnerLeft { return (.observe, [25, 50, 75, 100][number]) }
            let earned: TrustStage =
                number > 1 && policy.tier != .high ? .trusted : .supervised
            return (min(policy.stage, earned), [25, 50, 75, 100][number])
        }
    }

    private struct Input {
        let argument: RandomArgument
        let sandboxed: Bool
        let hour: Int

        static func all(_ hours: [Int]) -> [Input] {
            var all: [Input] = []
            for argument in RandomArgument.allCases {
                for hour in hours {
                    all.append(Input(argument: argument, sandboxed: false, hour: hour))
                    all.append(Input(argument: argument, sandboxed: true, hour: hour))
                }
            }
            return all
        }
    }

    @Test(.requirement("R154"))
    func `decide agrees with the reference at the stage and with the limits of each trust`() throws
    {
        var seen: Set<String> = []
        try policies { policy, snapshot, agent in
            let entry = try #require(snapshot.agents[agent])
            let unfit = ReferenceDecision.unfit(policy, hour: 9)
            for trust in Self.trusts {
                let terms = try #require(snapshot.terms(of: agent, trust))
                let (stage, percent) = expected(policy, trust)
                #expect(terms.allowed == stage && terms.quotaPercent == percent, "\(trust)")
                #expect(terms.stage == (entry.incomplete.isEmpty ? stage : .observe))
                let most = max(1, policy.callsPerMinute * percent / 100)
                for tool in RandomPolicy.tools {
                    for input in Input.all([9, 11]) {
                        let found = try decision(
                            snapshot, agent, tool, input.argument, sandboxed: input.sandboxed,
                            at: input.hour, terms)
                        func about() -> String {
                            "\(policy.text())\(trust) \(tool.name) \(input): \(found.verdict)"
                        }
                        guard terms.stage != .observe else {
                            #expect(found.verdict == .deny, "\(about())")
                            continue
                        }
                        let wanted = ReferenceDecision(
                            policy, tool, input.argument, sandboxed: input.sandboxed,
                            hour: input.hour, stage: stage, unfit: unfit)
                        try #require(
                            found.verdict == wanted.verdict
                                && found.reason.rawValue == wanted.reason,
                            "\(about()), not \(wanted)")
                        seen.insert(wanted.reason)
                        guard wanted.verdict != .deny else { continue }
                        for (used, reason) in [(most - 1, wanted.reason), (most, "limit")] {
                            let counted = try decision(
                                snapshot, agent, tool, input.argument, sandboxed: input.sandboxed,
                                at: input.hour, terms, counters: ["calls": used])
                            #expect(
                                counted.reason.rawValue == reason, "\(about()) after \(used) calls")
                        }
                    }
                }
            }
        }
        #expect(
            seen.isSuperset(of: [
                "forbid", "no-grant", "guard-false", "controls", "approval-required",
                "no-approvers",
            ]), "\(seen)")
    }

    @Test(.requirement("R154"))
    func
        `explain and worst-case name exactly the verdicts that the reference reaches, with their conditions`()
        throws
    {
        var denied = 0
        var conditional = 0
        try policies { policy, snapshot, agent in
            let unfit = ReferenceDecision.unfit(policy, hour: 9)
            for trust in Self.trusts {
                let reach = try #require(
                    WorstCase(snapshot, of: agent, trust, at: exampleTime))
                let (stage, _) = expected(policy, trust)
                guard stage != .observe else {
                    #expect(reach.rows.isEmpty && reach.denied.isEmpty)
                    continue
                }
                for tool in RandomPolicy.tools {
                    let address = try address(tool)
                    let row = (reach.rows + reach.denied).first { $0.tool == address }
                    var reached: Set<Verdict> = []
                    for input in Input.all([9, 10, 11, 12]) {
                        let wanted = ReferenceDecision(
                            policy, tool, input.argument, sandboxed: input.sandboxed,
                            hour: input.hour, stage: stage, unfit: unfit)
                        if wanted.verdict != .deny { reached.insert(wanted.verdict) }
                        guard wanted.verdict != .deny || wanted.reason == "no-approvers" else {
                            continue
                        }
                        // A case of this verdict has a condition that holds for the input.
                        let isTold = row?.cases.contains { part in
                            part.verdict == wanted.verdict && part.reason.rawValue == wanted.reason
                                && (part.conditions.isEmpty
                                    || part.conditions.contains {
                                        $0.holds(policy, input.argument, stage)
                                    })
                        }
                        #expect(isTold == true, "\(policy.text())\(trust) \(tool.name) \(input)")
                    }
                    #expect(
                        Set(row?.verdicts ?? []) == reached, "\(policy.text())\(trust) \(tool.name)"
                    )
                    if row?.verdicts.isEmpty == true { denied += 1 }
                    conditional += row?.cases.count { !$0.conditions.isEmpty } ?? 0
                }
            }
        }
        #expect(denied > 20 && conditional > 100)
    }

    @Test func `an elevation never holds its agent`() throws {
        var unfit = 0
        try policies { policy, snapshot, agent in
            let held = snapshot.agents[agent]?.incomplete
            var without = policy
            without.elevations = []
            let other = try compiled(without.text())
            #expect(other.agents[agent]?.incomplete == held, "\(policy.text())")
            let named = snapshot.findings.filter { $0.code == .elevationUnfit }
            #expect(
                named.count == ReferenceDecision.unfit(policy, hour: 9).count, "\(policy.text())")
            unfit += named.count
        }
        #expect(unfit > 10)
    }

    @Test(.requirement("R010"))
    func `a policy test decides as the policy does at its own time, whenever it is run`() throws {
        let earlier = try #require(Timestamp(rfc3339: "2026-08-01T00:00:00Z"))
        let later = try #require(Timestamp(rfc3339: "2027-03-01T00:00:00Z"))
        var changed = 0
        try policies(100) { policy, snapshot, agent in
            let tests = RandomPolicy.tools.flatMap { tool in
                [9, 11].map {
                    "agent: helper, call: desk.\(tool.name), args: {n: 4}, at: \"\(RandomPolicy.time($0))\", "
                        + "expect: allow"
                }
            }
            let text = policy.text(tests: tests)
            let terms = try #require(snapshot.terms(of: agent, .asWritten))
            var wanted: [Decision] = []
            for tool in RandomPolicy.tools {
                for hour in [9, 11] {
                    let at = try #require(Timestamp(rfc3339: RandomPolicy.time(hour)))
                    let dated = try compiled(text, at: at)
                    let own = try #require(dated.terms(of: agent, .asWritten))
                    let found = try decision(
                        dated, agent, tool, .four, sandboxed: false, at: hour, own)
                    let reference =
                        own.stage == .observe
                        ? .deny
                        : ReferenceDecision(
                            policy, tool, .four, sandboxed: false, hour: hour, stage: own.stage,
                            unfit: ReferenceDecision.unfit(policy, hour: hour)
                        ).verdict
                    #expect(found.verdict == reference, "\(text) \(tool.name) at \(hour)")
                    wanted.append(found)
                }
            }
            for now in [earlier, exampleTime, later] {
                let snapshot = try compiled(text, at: now)
                let found = PolicyTestRunner(snapshot, at: now).run().map(\.decision)
                #expect(found == wanted, "\(text) at \(now.rfc3339())")
                if snapshot.agents[agent]?.incomplete.isEmpty != terms.held.isEmpty { changed += 1 }
            }
        }
        // Some of these would have been decided otherwise at the time of the run.
        #expect(changed > 0)
    }
}

extension ToolCase.Condition {
    /// Returns true unless the guard of the named rule is false.
    fileprivate func holds(
        _ policy: RandomPolicy, _ argument: RandomArgument, _ stage: TrustStage
    ) -> Bool {
        (policy.forbids + policy.effectRules).first { $0.id == rule }
            .map { $0.when?.meaning(argument, stage) != false } ?? false
    }
}
