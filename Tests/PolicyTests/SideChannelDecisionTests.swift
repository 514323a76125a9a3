import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Decisions about calls that carry out text in addition to their effects (docs/specs/output-safety.md, section 7).
@Suite(.requirement("R085")) struct SideChannelDecisionTests {
    private static let modes = TaintModes(
        tools: ["look: {class: read}", "draft: {class: write, effects: [reversible]}"],
        agents: [
            "free": "", "origin": "taint: {mode: provenance}", "strict": "taint: {mode: strict}",
        ])

    @Test(arguments: ["origin", "strict"], ["look", "draft"])
    func `a person decides, also about a read, and sensitive text in a hostile run is denied`(
        _ agent: String, _ tool: String
    ) throws {
        for level in TaintLevel.allCases {
            let plain = try Self.modes.decide(agent, tool, level, .request)
            for channel in DecisionFacts.SideChannel.allCases {
                let decision = try Self.modes.decide(agent, tool, level, .request, channel)
                let isDenied = channel == .sensitiveText && level == .hostile
                let least: Verdict = isDenied ? .deny : .approve(1)
                #expect(decision.verdict == max(plain.verdict, least), "\(level) \(channel)")
                #expect(decision.rule == "agents.\(agent).taint")
                #expect(decision.reason == (isDenied ? .taintDenied : .taintApproval))
            }
        }
    }

    @Test func `for an agent without the rule it changes nothing`() throws {
        for channel in DecisionFacts.SideChannel.allCases {
            #expect(
                try Self.modes.decide("free", "look", .hostile, .request, channel).verdict == .allow
            )
        }
    }

    @Test func `the fact is in the record, and an unknown one is refused`() throws {
        let input = DecisionInput(
            agent: AgentName("origin").unwrapped,
            address: ToolAddress(
                server: ServerName("desk").unwrapped, tool: ToolName("look").unwrapped),
            purpose: nil,
            decision: try Self.modes.decide("origin", "look", .hostile, .request, .sensitiveText),
            facts: try facts(), policy: Digest(words: (1, 2, 3, 4)),
            basis: PolicyBasis(
                bundle: nil, compiled: Timestamp(microseconds: 1_795_000_000_123_456),
                zones: "2026a"), now: Timestamp(microseconds: 1_795_000_000_123_456))
        let recorded = try RecordedDecision(parsing: input.serialized())
        let again = recorded.decide([:], under: try Self.modes.policy)
        #expect(again.verdict == .deny && again.reason == .taintDenied)
        var object = try #require(
            try JSONValue(parsing: input.serialized(), limits: .upstream).object)
        var stated = try #require(object["facts"]?.object)
        #expect(stated["side_channel"] == "sensitive_text")
        stated["side_channel"] = "other"
        object["facts"] = .object(stated)
        let other = try JSONValue.object(object).canonical()
        #expect(throws: FormError.self) { try RecordedDecision(parsing: other) }
    }

    private func facts() throws -> DecisionFacts {
        var facts = DecisionFacts(effectiveStage: .trusted, tainted: true, counters: [:])
        facts.label = .request
        facts.sideChannel = .sensitiveText
        return facts
    }
}
