import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// A value that is left out and the same value that is written are no difference in `policy diff`.
@Suite struct DefaultsComparisonTests {
    private static let agent = "sandbox: {profile: isolated, egress: [proxy.packages.example:443]}"

    /// The differences between the example with one line for its agent `code-fix`, and with another.
    private func ofAgent(_ old: String, _ new: String) throws -> [String] {
        func policy(_ line: String) throws -> PolicySnapshot {
            try acme((Self.agent, line.isEmpty ? Self.agent : "\(Self.agent)\n    \(line)"))
        }
        return lines(try policy(old), try policy(new))
    }

    @Test(
        .requirement("R084"),
        arguments: [
            ("taint: {hostile: deny}", "taint: {mode: provenance, hostile: deny}", []),
            ("taint: {mode: provenance}", "taint: {mode: provenance, hostile: approve}", []),
            ("taint: {mode: provenance}", "taint: {hostile: approve}", []),
            ("taint: {mode: provenance}", "taint: {hostile: deny}", ["NARROWS taint.hostile"]),
            ("", "taint: {hostile: approve}", ["NARROWS taint.mode"]),
            ("taint: {hostile: approve}", "", ["WIDENS taint.mode"]),
            ("taint: {mode: strict}", "", ["WIDENS taint.mode"]),
            ("taint: {mode: strict}", "taint: {hostile: approve}", ["NOT COMPARABLE taint.mode"]),
            ("hooks: {wait: 20s}", "hooks: {on_bypass: kill}", []),
            ("hooks: {on_bypass: kill}", "hooks: {wait: 20s}", []),
            ("hooks: {on_bypass: kill}", "hooks: {wait: 5s}", ["NARROWS hooks.wait"]),
            ("hooks: {wait: 5s}", "hooks: {on_bypass: kill}", ["WIDENS hooks.wait"]),
        ] as [(String, String, [String])])
    func `of an agent`(_ old: String, _ new: String, _ expected: [String]) throws {
        let found = try ofAgent(old, new)
        #expect(names(of: found, without: "code-fix ") == expected, "\(found)")
    }

    @Test(
        arguments: [
            ("", ", denials: withheld", []), (", denials: withheld", "", []),
            ("", ", denials: disclosed", ["WIDENS denials"]),
            (", denials: disclosed", "", ["NARROWS denials"]),
            ("", ", delegates: anyone", []), (", delegates: anyone", "", []),
            ("", ", delegates: never", ["NARROWS delegates"]),
            (", delegates: never", "", ["WIDENS delegates"]),
        ] as [(String, String, [String])])
    func `of a group`(_ old: String, _ new: String, _ expected: [String]) throws {
        func policy(_ keys: String) throws -> PolicySnapshot {
            try compiled(Self.small(group: keys, over: ""))
        }
        let found = lines(try policy(old), try policy(new))
        #expect(names(of: found, without: "approvals.leads.") == expected, "\(found)")
    }

    @Test(
        arguments: [
            ("", ", over: warn", []), (", over: warn", "", []),
            ("", ", over: refuse", ["NARROWS over"]), (", over: refuse", "", ["WIDENS over"]),
        ] as [(String, String, [String])])
    func `of the limit of open changes`(
        _ old: String, _ new: String, _ expected: [String]
    ) throws {
        func policy(_ keys: String) throws -> PolicySnapshot {
            try compiled(Self.small(group: "", over: keys))
        }
        let found = lines(try policy(old), try policy(new))
        #expect(names(of: found, without: "merge.wip_limit.") == expected, "\(found)")
    }

    /// The part of each line before the values: `WIDENS hooks.wait`.
    private func names(of lines: [String], without prefix: String) -> [String] {
        lines.map { line in
            let end = line.firstRange(of: ": ")?.lowerBound ?? line.endIndex
            return String(line[..<end]).replacing(prefix, with: "")
        }.sorted()
    }

    private static func small(group: String, over: String) -> String {
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        merge: {wip_limit: {changes: 5\(over)}}
        approvals:
          leads: {members: [ada@acme.example, sam@acme.example]\(group)}
        servers:
          desk: {tools: {look: {class: read}}}
        agents:
          helper:
            owner: li@acme.example
            purpose: Helps people
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: [read]}

        """
    }
}
