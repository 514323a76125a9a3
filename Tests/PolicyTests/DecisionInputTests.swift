import InterlockJSON
import InterlockModel
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// The payload `in` is written without building a tree; this test builds the tree, and the bytes must be the same.
@Suite struct DecisionInputTests {
    /// The members are listed, so that a place for a prompt, a word of a model or a server's own claim is not added
    /// unseen.
    @Test(.requirement("R036", "R139"))
    func `a decision rests on the call and the gateway's facts, and has no place for a prompt`() {
        func members(_ value: Any) -> [String] {
            Mirror(reflecting: value).children.map { child in
                "\(child.label ?? ""): \(type(of: child.value))"
            }.sorted()
        }
        let request = DecisionRequest(
            agent: AgentName("a").unwrapped,
            address: ToolAddress(
                server: ServerName("s").unwrapped, tool: ToolName("t").unwrapped), arguments: [:])
        #expect(
            members(request) == [
                "address: ToolAddress", "agent: AgentName", "arguments: JSONValue",
                "completes: Optional<String>",
            ])
        #expect(
            members(DecisionFacts()) == [
                "alarm: Optional<ApprovalSignal>", "arguments: Optional<ArgumentFinding>",
                "breaker: Optional<Breaker>", "classes: SecretClassSet",
                "counters: Optional<Dictionary<String, Int64>>", "effectiveStage: TrustStage",
                "elevations: Optional<ElevationSet>", "eval: EvalFact",
                "halted: Optional<Identifier<OrderTag>>",
                "holdsCount: Bool", "label: Optional<ValueLabel>", "onBehalfOf: Optional<Person>",
                "purposeDeclared: Bool",
                "quarantined: Bool", "quotaPercent: Int64", "review: ReviewState",
                "reviewsCount: Bool",
                "sandboxed: Bool", "sideChannel: Optional<SideChannel>",
                "tainted: Bool", "task: Optional<RunTaskName>", "unmarked: Bool",
            ])
    }

    @Test func `the bytes are the RFC 8785 form of the tree, for random decisions and facts`()
        throws
    {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(2000) {
            let input = try input(&random)
            #expect(try input.serialized() == tree(of: input).canonical())
        }
    }

    @Test func `what was written is read back, for random decisions and facts`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(500) {
            let input = try input(&random)
            let read = try RecordedDecision(parsing: input.serialized())
            #expect(read.agent == input.agent && read.address == input.address)
            #expect(read.purpose == input.purpose && read.policy == input.policy)
            #expect(read.basis == input.basis)
            #expect(read.now.milliseconds == input.now.milliseconds)
        }
    }

    @Test func `an input that is not exactly one is refused`() throws {
        var random = SeededGenerator.announced()
        let bytes = try input(&random).serialized()
        for cut in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: FormError.self) { try RecordedDecision(parsing: Array(bytes[..<cut])) }
        }
        let value = try #require(try JSONValue(parsing: bytes, limits: .upstream).object)
        for name in value.members.map(\.key) {
            var less = value
            less[name] = nil
            #expect(throws: FormError.self) {
                try RecordedDecision(parsing: JSONValue.object(less).canonical())
            }
        }
        var more = value
        more["zone"] = "UTC"
        #expect(throws: FormError.self) {
            try RecordedDecision(parsing: JSONValue.object(more).canonical())
        }
    }

    private func tree(of input: DecisionInput) -> JSONValue {
        let facts = input.facts
        let elevations = facts.elevations?.elevations(for: input.agent) ?? []
        return [
            "agent": .string(input.agent.text), "call": .string(input.address.description),
            "decision": tree(
                of: input.decision, agent: input.agent, address: input.address,
                policy: input.policy, now: input.now),
            "compiled": [
                "at": .string(input.basis.compiled.rfc3339()),
                "bundle": input.basis.bundle.map { .string($0.prefixed) } ?? .null,
                "tzdata": .string(input.basis.zones),
            ],
            "facts": .object(tree(of: facts, elevations)),
            "now": .string(input.now.rfc3339(fractionDigits: 3)),
            "purpose": input.purpose.map(JSONValue.string) ?? .null,
        ]
    }

    private func tree(of facts: DecisionFacts, _ elevations: [StoreElevation]) -> JSONObject {
        var tree: JSONObject = [
            "counters": facts.counters.map { counters in
                .object(JSONObject(distinct: counters.map { ($0, .integer($1)) }))
            } ?? .null,
            "halted": facts.halted.map { .string($0.text) } ?? .null,
            "quarantined": .bool(facts.quarantined), "quota": .integer(facts.quotaPercent),
            "stage": .string(facts.effectiveStage.rawValue),
            "purpose_declared": .bool(facts.purposeDeclared),
            "on_behalf_of": facts.onBehalfOf.map { .string($0.address) } ?? .null,
            "tainted": .bool(facts.tainted), "sandboxed": .bool(facts.sandboxed),
            "elevations": .array(elevations.map(\.json)),
        ]
        tree["alarm"] = facts.alarm.map { .string($0.rawValue) }
        tree["arguments"] = facts.arguments.map { .string($0.rawValue) }
        tree["task"] = facts.task.map { .string($0.text) }
        if !facts.classes.isEmpty {
            tree["classes"] = .array(facts.classes.names.map(JSONValue.string))
        }
        tree["eval"] = facts.eval == .passed ? nil : .string(facts.eval.rawValue)
        tree["review"] = facts.review == .byPolicy ? nil : .string(facts.review.rawValue)
        tree["breaker"] = facts.breaker.map { .string($0.rawValue) }
        tree["side_channel"] = facts.sideChannel.map { .string($0.rawValue) }
        return tree
    }

    private func tree(
        of decision: Decision, agent: AgentName, address: ToolAddress, policy: Digest,
        now: Timestamp
    ) -> JSONValue {
        let quorum = decision.quorum
        var object: JSONObject = [
            "agent": .string(agent.text), "call": .string(address.description),
            "policy": .string(policy.prefixed), "stage": .string(decision.stage.rawValue),
            "now": .string(now.rfc3339(fractionDigits: 3)),
            "verdict": .string(
                decision.verdict == .deny ? "deny" : quorum > 0 ? "approve" : "allow"),
        ]
        if quorum > 0 { object["quorum"] = .integer(Int64(quorum)) }
        if let group = decision.group { object["group"] = .string(group) }
        object["reason"] = .string(decision.reason.rawValue)
        object["rule"] = .string(decision.rule)
        if let place = decision.place { object["at"] = .string(place.description) }
        if let detail = decision.detail { object["detail"] = .string(detail) }
        if let wouldBe = decision.wouldBe { object["would_be"] = .string(wouldBe.description) }
        object["effects"] = .array(decision.effects.effects.map { .string($0.name) })
        var obligations: JSONObject = [
            "audit": "all_tool_calls", "egress": .array(decision.egress.map { .string($0) }),
        ]
        for (name, value) in decision.data?.json.members ?? [] { obligations[name] = value }
        object["obligations"] = .object(obligations)
        object["reserve"] = .array(decision.reserve.map(\.json))
        object["guards"] = .array(decision.guards.map(\.json))
        return .object(object)
    }

    // MARK: Random values

    private func input(_ random: inout SeededGenerator) throws -> DecisionInput {
        let agent = try #require(AgentName("clerk"))
        let words = (0..<4).map { _ in UInt64.random(in: 0 ... .max, using: &random) }
        return DecisionInput(
            agent: agent, address: try #require(ToolAddress(wireName: "desk__look")),
            purpose: maybe(&random) { text(&$0) },
            decision: decision(&random), facts: facts(about: agent, &random),
            policy: Digest(words: (words[0], words[1], words[2], words[3])),
            basis: PolicyBasis(
                bundle: maybe(&random) { _ in Digest(words: (words[3], 1, 2, 3)) },
                compiled: Timestamp(microseconds: 1_795_000_000_123_456), zones: "2026a"),
            now: Timestamp(microseconds: .random(in: 0...4_000_000_000_000_000, using: &random)))
    }

    private func decision(_ random: inout SeededGenerator) -> Decision {
        let people = Int.random(in: 1...9, using: &random)
        var decision = Decision(
            [Verdict.allow, .approve(people), .deny].randomElement(using: &random) ?? .deny,
            DecisionReason.allCases.randomElement(using: &random) ?? .halted,
            rule: text(&random))
        decision.quorum = maybe(&random) { _ in people } ?? 0
        decision.group = maybe(&random) { text(&$0) }
        decision.place = maybe(&random) {
            PolicyLocation(file: text(&$0), line: .random(in: 1...999, using: &$0), column: 1)
        }
        decision.detail = maybe(&random) { text(&$0) }
        decision.wouldBe = maybe(&random) { _ in .approve(people) }
        decision.stage = TrustStage.allCases.randomElement(using: &random) ?? .observe
        decision.effects = EffectSet(rawValue: .random(in: 0..<128, using: &random))
        decision.egress = (0..<Int.random(in: 0...2, using: &random)).map { _ in text(&random) }
        decision.reserve =
            maybe(&random) {
                let use = LimitUse(
                    name: text(&$0), key: "", Rate(count: 9, windowSeconds: 60))
                return [Reservation(use: use, amount: 7)]
            } ?? []
        decision.guards =
            maybe(&random) { [GuardRecord(rule: text(&$0), result: .true)] } ?? []
        decision.data = maybe(&random) { _ in
            DataObligations(
                drop: [FieldPath("b"), FieldPath("a")], mask: [FieldPath("é"): .last4],
                maxBytes: 100
            )
        }
        return decision
    }

    private func facts(
        about agent: AgentName, _ random: inout SeededGenerator
    ) -> DecisionFacts {
        let elevation = StoreElevation(
            id: "e1", agent: agent, grants: ["desk": []], from: Timestamp(microseconds: 1),
            until: Timestamp(microseconds: 2), proposer: Person("li@acme.example"))
        var facts = DecisionFacts(
            halted: maybe(&random) { random in
                OrderID(
                    milliseconds: 1_795_000_000_000,
                    random: (0..<10).map { _ in UInt8.random(in: 0...255, using: &random) })
            },
            quarantined: .random(using: &random),
            effectiveStage: TrustStage.allCases.randomElement(using: &random) ?? .observe,
            onBehalfOf: maybe(&random) { _ in Person("li@acme.example") } ?? nil,
            purposeDeclared: .random(using: &random), tainted: .random(using: &random),
            sandboxed: .random(using: &random),
            elevations: maybe(&random) { _ in
                ElevationSet([elevation], policy: Digest(words: (1, 2, 3, 4)), cells: [:])
            }, counters: maybe(&random) { _ in ["spend:args.n": 7, "calls": 2] })
        facts.quotaPercent = .random(in: 1...100, using: &random)
        facts.alarm = maybe(&random) { _ in .firstRecipient }
        facts.arguments =
            maybe(&random) { random in
                DecisionFacts.ArgumentFinding.allCases.randomElement(using: &random)
            } ?? nil
        facts.classes =
            maybe(&random) { random in
                SecretClassSet(
                    of: SecretClassSet.decided.classes.filter { _ in .random(using: &random) })
            } ?? []
        facts.breaker = maybe(&random) { _ in .paused }
        facts.review =
            DecisionFacts.ReviewState.allCases.randomElement(using: &random) ?? .overdue
        facts.eval = EvalFact.allCases.randomElement(using: &random) ?? .missing
        facts.task = maybe(&random) { _ in RunTaskName("visit") } ?? nil
        facts.sideChannel =
            maybe(&random) { random in
                DecisionFacts.SideChannel.allCases.randomElement(using: &random)
            } ?? nil
        return facts
    }

    /// Text with characters that must be escaped, and others that must not be.
    private func text(_ random: inout SeededGenerator) -> String {
        let parts = ["a", "rule-7", "\"", "\\", "\n", "\u{1}", "\u{7f}", "é", "\u{2028}", "😀", "/"]
        return (0..<Int.random(in: 0...6, using: &random))
            .map { _ in parts.randomElement(using: &random) ?? "" }.joined()
    }

    private func maybe<Value>(
        _ random: inout SeededGenerator, _ make: (inout SeededGenerator) -> Value
    ) -> Value? {
        Bool.random(using: &random) ? make(&random) : nil
    }
}
