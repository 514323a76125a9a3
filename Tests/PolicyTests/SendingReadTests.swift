import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Calls of tools that pass data out (docs/specs/output-safety.md, section 1), whatever their class and effects.
@Suite(.requirement("R084", "R085")) struct SendingReadTests {
    private static let modes = TaintModes(
        tools: [
            "look: {class: read}", "fetch: {class: read, sends: true}",
            "draft: {class: write, effects: [reversible]}",
            "share: {class: write, effects: [reversible], sends: true}",
            "purge: {class: write, effects: [irreversible], sends: true}",
        ],
        agents: [
            "free": "", "strict": "taint: {mode: strict, hostile: deny}",
            "origin": "taint: {mode: provenance, hostile: deny}",
        ])

    @Test(arguments: [
        ("look", CallReach.reads), ("fetch", .outward), ("draft", .contained), ("share", .outward),
        ("purge", .grave),
    ]) func `calls are decided like what leaves the organisation, by every label and level`(
        _ tool: String, _ reach: CallReach
    ) throws {
        for level in TaintLevel.allCases {
            for label in ValueLabel.allCases {
                let free = try Self.modes.decide("free", tool, level, label).verdict
                let cell = ProvenanceTable.cell(level, label, reach)
                let least: Verdict = cell == .policy ? .allow : .approve(1)
                let found = try Self.modes.decide("origin", tool, level, label)
                let expected: Verdict = cell == .approveOrDeny ? .deny : max(free, least)
                #expect(found.verdict == expected, "\(tool) \(level) \(label)")
            }
        }
    }

    @Test
    func `reads are asked about after outside content by a strict rule, and denied after a marker`()
        throws
    {
        #expect(try Self.modes.decide("strict", "fetch", .clean, .untrusted).verdict == .allow)
        let asked = try Self.modes.decide("strict", "fetch", .untrusted, .request)
        #expect(asked.verdict == .approve(1) && asked.reason == .taintApproval)
        let denied = try Self.modes.decide("strict", "fetch", .hostile, .request)
        #expect(denied.verdict == .deny && denied.reason == .taintDenied)
        #expect(try Self.modes.decide("strict", "look", .hostile, .untrusted).verdict == .allow)
        #expect(try Self.modes.decide("free", "fetch", .hostile, .untrusted).verdict == .allow)
    }

    @Test func `a read that sends is denied where only reads are not`() throws {
        let policy = try Self.modes.policy
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
