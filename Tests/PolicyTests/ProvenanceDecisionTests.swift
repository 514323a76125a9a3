import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Calls by the origin of their values (docs/specs/output-safety.md, section 7): each cell of the table, and its order.
@Suite(.requirement("R084", "R085")) struct ProvenanceDecisionTests {
    /// The table as the specification writes it, with the labels of its rows.
    private static let table: [(TaintLevel, [ValueLabel], [ProvenanceTable.Cell])] = [
        (.clean, [.request, .policy, .trusted], [.policy, .policy, .policy]),
        (.clean, [.made], [.policy, .policy, .approve]),
        (.clean, [.named], [.policy, .approve, .approve]),
        (.untrusted, [.named], [.policy, .approve, .approve]),
        (.clean, [.untrusted], [.approve, .approve, .approve]),
        (.untrusted, [.untrusted], [.approve, .approve, .approve]),
        (.untrusted, [.request, .policy, .trusted], [.policy, .policy, .policy]),
        (.untrusted, [.made], [.policy, .approve, .approve]),
        (.hostile, [.request, .policy, .trusted], [.policy, .approve, .approve]),
        (.hostile, [.made, .named, .untrusted], [.approve, .approveOrDeny, .approveOrDeny]),
    ]
    private static let columns: [CallReach] = [.contained, .outward, .grave]

    @Test func `each cell is as specified`() {
        var seen = 0
        for (level, labels, cells) in Self.table {
            for label in labels {
                seen += 1
                for (reach, cell) in zip(Self.columns, cells) {
                    #expect(ProvenanceTable.cell(level, label, reach) == cell)
                }
                #expect(ProvenanceTable.cell(level, label, .reads) == .policy)
            }
        }
        #expect(seen == TaintLevel.allCases.count * ValueLabel.allCases.count)
    }

    @Test func `a worse label, a higher level and a graver call are never milder`() {
        for level in TaintLevel.allCases {
            for label in ValueLabel.allCases {
                for reach in CallReach.allCases {
                    let cell = ProvenanceTable.cell(level, label, reach).rawValue
                    for worse in ValueLabel.allCases where worse.severity >= label.severity {
                        #expect(ProvenanceTable.cell(level, worse, reach).rawValue >= cell)
                    }
                    for higher in TaintLevel.allCases where higher >= level {
                        #expect(ProvenanceTable.cell(higher, label, reach).rawValue >= cell)
                    }
                    for graver in CallReach.allCases where graver >= reach {
                        #expect(ProvenanceTable.cell(level, label, graver).rawValue >= cell)
                    }
                }
            }
        }
    }

    private static let modes = TaintModes(
        tools: [
            "look: {class: read}", "draft: {class: write, effects: [reversible]}",
            "export: {class: write, effects: [sensitive_data]}",
            "purge: {class: write, effects: [irreversible]}",
        ],
        agents: [
            "free": "", "asked": "taint: {mode: provenance}",
            "bound": "taint: {mode: provenance, hostile: deny}",
        ])
    private static let tools: [(String, CallReach)] = [
        ("look", .reads), ("draft", .contained), ("export", .outward), ("purge", .grave),
    ]

    @Test(arguments: tools)
    func `the stricter one of the policy and of the table applies`(
        _ tool: String, _ reach: CallReach
    ) throws {
        for level in TaintLevel.allCases {
            for label in ValueLabel.allCases {
                let free = try Self.modes.decide("free", tool, level, label)
                let cell = ProvenanceTable.cell(level, label, reach)
                let asked = try Self.modes.decide("asked", tool, level, label)
                let bound = try Self.modes.decide("bound", tool, level, label)
                let least: Verdict = cell == .policy ? .allow : .approve(1)
                #expect(asked.verdict == max(free.verdict, least), "\(tool) \(label)")
                #expect(bound.verdict == (cell == .approveOrDeny ? .deny : asked.verdict))
                if asked.verdict != free.verdict {
                    #expect(asked.reason == .taintApproval && asked.rule == "agents.asked.taint")
                }
                if bound.verdict == .deny { #expect(bound.reason == .taintDenied) }
            }
        }
    }

    @Test func `a label that is not known counts as the worst`() throws {
        for (tool, _) in Self.tools {
            for level in TaintLevel.allCases {
                let unknown = try Self.modes.decide("bound", tool, level, nil)
                let worst = try Self.modes.decide("bound", tool, level, .untrusted)
                #expect(unknown.verdict == worst.verdict && unknown.reason == worst.reason)
            }
        }
    }

    @Test func `a label changes nothing for an agent without the rule`() throws {
        for (tool, _) in Self.tools {
            for label in ValueLabel.allCases {
                let with = try Self.modes.decide("free", tool, .hostile, label)
                #expect(try with.verdict == Self.modes.decide("free", tool, .hostile, nil).verdict)
            }
        }
    }

    @Test func `a decision is made again from its record`() throws {
        let policy = try Self.modes.policy
        for label in ValueLabel.allCases {
            var facts = DecisionFacts(effectiveStage: .trusted)
            facts.label = label
            let request = DecisionRequest(
                agent: try #require(AgentName("asked")), address: try address("desk.purge"),
                arguments: [:])
            let decision = policy.decide(request, facts: facts, now: exampleTime)
            let bytes = DecisionInput(
                agent: request.agent, address: request.address, purpose: nil, decision: decision,
                facts: facts, policy: policy.digest, basis: policy.basis, now: exampleTime
            ).serialized()
            let recorded = try RecordedDecision(parsing: bytes)
            let again = recorded.decide([:], under: policy)
            #expect(again.verdict == decision.verdict && again.reason == decision.reason)
        }
    }
}
