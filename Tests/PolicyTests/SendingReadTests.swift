import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Calls of tools that pass data out (docs/specs/output-safety.md, section 1), whatever their class and effects.
@Suite(.requirement("R084", "R085")) struct SendingReadTests {
    private static func agent(_ name: String, _ taint: String) -> String {
        """
          \(name):
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            mcp_scopes: {desk: [read, write]}
            approvers: leads
            \(taint)

        """
    }

    private static let policy =
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        approvals:
          leads: {members: [ada@acme.example, sam@acme.example, rui@acme.example]}
        servers:
          desk:
            environment: staging
            tools:
              look: {class: read}
              fetch: {class: read, sends: true}
              draft: {class: write, effects: [reversible]}
              share: {class: write, effects: [reversible], sends: true}
              purge: {class: write, effects: [irreversible], sends: true}
        agents:

        """ + agent("free", "") + agent("strict", "taint: {mode: strict, hostile: deny}")
        + agent("origin", "taint: {mode: provenance, hostile: deny}")
    private static let compiled = Result { try snapshot(policy) }

    private func decide(
        _ agent: String, _ tool: String, _ level: TaintLevel, _ label: ValueLabel
    ) throws -> Decision {
        try Self.compiled.get().decision(agent, "desk.\(tool)", stage: .trusted) {
            $0.tainted = level > .clean
            $0.unmarked = level == .untrusted
            $0.label = label
        }
    }

    @Test(arguments: [
        ("look", CallReach.reads), ("fetch", .outward), ("draft", .contained), ("share", .outward),
        ("purge", .grave),
    ]) func `calls are decided like what leaves the organisation, by every label and level`(
        _ tool: String, _ reach: CallReach
    ) throws {
        for level in TaintLevel.allCases {
            for label in ValueLabel.allCases {
                let free = try decide("free", tool, level, label).verdict
                let cell = ProvenanceTable.cell(level, label, reach)
                let least: Verdict = cell == .policy ? .allow : .approve(1)
                let found = try decide("origin", tool, level, label)
                let expected: Verdict = cell == .approveOrDeny ? .deny : max(free, least)
                #expect(found.verdict == expected, "\(tool) \(level) \(label)")
            }
        }
    }

    @Test
    func `reads are asked about after outside content by a strict rule, and denied after a marker`()
        throws
    {
        #expect(try decide("strict", "fetch", .clean, .untrusted).verdict == .allow)
        let asked = try decide("strict", "fetch", .untrusted, .request)
        #expect(asked.verdict == .approve(1) && asked.reason == .taintApproval)
        let denied = try decide("strict", "fetch", .hostile, .request)
        #expect(denied.verdict == .deny && denied.reason == .taintDenied)
        #expect(try decide("strict", "look", .hostile, .untrusted).verdict == .allow)
        #expect(try decide("free", "fetch", .hostile, .untrusted).verdict == .allow)
    }

    @Test func `a read that sends is denied where only reads are not`() throws {
        let policy = try Self.compiled.get()
        for (tool, isDenied) in [("look", false), ("fetch", true)] {
            let undecodable = try policy.decision("free", "desk.\(tool)") {
                $0.arguments = .undecodable
            }
            #expect((undecodable.reason == .undecodable) == isDenied)
            let late = try policy.decision(
                "free", "desk.\(tool)", at: time("2027-03-01T00:00:00Z"))
            #expect((late.reason == .reviewOverdue) == isDenied)
        }
    }
}
