import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// The differences that `policy diff` reports for `allow_extra`, sizes of results, and cuts.
@Suite(.requirement("R138")) struct ValidationComparisonTests {
    private func policy(_ keys: String) throws -> PolicySnapshot {
        try compiled(
            """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            servers:
              desk:
                environment: staging
                reviewed: {by: li@acme.example, on: "2026-11-01", trust: internal}
                tools:
                  look: {class: read\(keys)}
            agents:
              helper:
                owner: li@acme.example
                purpose: Helps people
                tier: medium
                stage: trusted
                review_by: "2027-02-01"
                mcp_scopes: {desk: [read]}

            """)
    }

    @Test(
        arguments: [
            ("", ", allow_extra: true", ["WIDENS allow_extra"]),
            (", allow_extra: true", "", ["NARROWS allow_extra"]),
            (", allow_extra: true", ", allow_extra: false", ["NARROWS allow_extra"]),
            ("", ", allow_extra: false", []),
            // The default is 1 MiB.
            ("", ", data: {max_bytes: 2MiB}", ["WIDENS data.max_bytes"]),
            ("", ", data: {max_bytes: 1MiB}", ["NARROWS data.max_bytes"]),
            ("", ", data: {max_bytes: 1KiB}", ["NARROWS data.max_bytes"]),
            (", data: {max_bytes: 1KiB}", "", ["WIDENS data.max_bytes"]),
            // Another part of the policy may state more than 1 MiB.
            (", data: {max_bytes: 2MiB}", "", ["NOT COMPARABLE data.max_bytes"]),
            (
                ", data: {max_bytes: 1KiB}", ", data: {max_bytes: 1KiB, overflow: truncate}",
                ["WIDENS data.overflow"]
            ),
            (
                ", data: {max_bytes: 1KiB, overflow: truncate}", ", data: {max_bytes: 1KiB}",
                ["NARROWS data.overflow"]
            ),
            (
                ", data: {max_bytes: 1KiB}", ", data: {max_bytes: 1KiB, overflow: withhold}", []
            ),
        ] as [(String, String, [String])])
    func `says what is wider`(_ old: String, _ new: String, _ expected: [String]) throws {
        let found = lines(try policy(old), try policy(new))
        let names = found.map { line in
            // The part before the values: `WIDENS servers.desk.tools.look.allow_extra`.
            let end = line.firstRange(of: ": ")?.lowerBound ?? line.endIndex
            return String(line[..<end]).replacing("servers.desk.tools.look.", with: "")
        }
        #expect(names.sorted() == expected.sorted(), "\(found)")
    }

    @Test func `a rule says that a tool takes more than its schema names`() throws {
        func rule(_ keys: String) throws -> EffectiveRule {
            let rules = try policy(keys).organisationRules
            return try #require(rules.first { $0.name == "servers.desk.tools.look" })
        }
        let words = "; takes arguments that its schema does not name"
        let open = try rule(", allow_extra: true")
        #expect(open.text.hasSuffix(words) && open.sentence.hasSuffix(words))
        #expect(!(try rule("")).text.contains("does not name"))
    }
}
