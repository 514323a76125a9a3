import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Tools of class read that pass data out (docs/specs/output-safety.md, section 1): their calls are consequential.
@Suite(.requirement("R084", "R085")) struct SendingReadTests {
    private static func agent(_ name: String, _ taint: String) -> String {
        """
          \(name):
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            mcp_scopes: {desk: [read]}
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
        agents:

        """ + agent("free", "") + agent("strict", "taint: {mode: strict, hostile: deny}")
        + agent("origin", "taint: {mode: provenance, hostile: deny}")
    private static let compiled = Result { try snapshot(policy) }

    private func decide(
        _ agent: String, _ tool: String, _ level: TaintLevel, _ label: ValueLabel? = nil
    ) throws -> Decision {
        try Self.compiled.get().decision(agent, "desk.\(tool)") {
            $0.tainted = level > .clean
            $0.unmarked = level == .untrusted
            $0.label = label
        }
    }

    @Test func `a read that sends is decided as a call that leaves the organisation`() throws {
        for level in TaintLevel.allCases {
            for label in ValueLabel.allCases {
                #expect(try decide("origin", "look", level, label).verdict == .allow)
                let fetch = try decide("origin", "fetch", level, label)
                switch ProvenanceTable.cell(level, label, .outward) {
                case .policy: #expect(fetch.verdict == .allow)
                case .approve: #expect(fetch.verdict == .approve(1))
                case .approveOrDeny: #expect(fetch.verdict == .deny)
                }
            }
            #expect(try decide("strict", "look", level).verdict == .allow)
            #expect(try decide("free", "fetch", level).verdict == .allow)
        }
        #expect(try decide("strict", "fetch", .clean).verdict == .allow)
        #expect(try decide("strict", "fetch", .untrusted).reason == .taintApproval)
        #expect(try decide("strict", "fetch", .hostile).reason == .taintDenied)
    }

    @Test func `it is denied where only reads are not`() throws {
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
