import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// `safety`, `accepts` and `returns` in `policy diff` and in rules.
@Suite(.requirement("R082")) struct SafetyComparisonTests {
    private func policy(_ tool: String, _ safety: String) throws -> PolicySnapshot {
        try compiled(
            """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            approvals:
              leads: {members: [ada@acme.example, sam@acme.example]}
            servers:
              desk:
                environment: staging
                tools:
                  fetch: {class: read\(tool)}
            agents:
              helper:
                owner: li@acme.example
                purpose: Helps people
                tier: medium
                stage: trusted
                review_by: "2027-02-01"
                approvers: leads
                mcp_scopes: {desk: [read]}
            \(safety)

            """)
    }

    private static let waiver = """
        safety: {waivers: [{tool: desk.fetch, argument: key, class: token, owner: li@acme.example, \
        until: "2027-01-31", reason: the vault stores it}]}
        """

    private func names(_ old: PolicySnapshot, _ new: PolicySnapshot) -> [String] {
        lines(old, new).map { line in
            let end = line.firstRange(of: ": ")?.lowerBound ?? line.endIndex
            return String(line[..<end]).replacing("servers.desk.tools.fetch.", with: "")
        }.sorted()
    }

    @Test(
        arguments: [
            (
                "", "safety: {classes: {personal: {arguments: deny}}}",
                "safety.classes.personal.arguments"
            ),
            (
                "", "safety: {classes: {generic: {results: replace}}}",
                "safety.classes.generic.results"
            ),
            ("", "safety: {classes: {card: {arguments: deny}}}", "safety.classes.card.arguments"),
        ] as [(String, String, String)])
    func `a class that is raised is narrower`(_ old: String, _ new: String, _ name: String) throws {
        let (before, after) = (try policy("", old), try policy("", new))
        #expect(names(before, after) == ["NARROWS " + name])
        #expect(names(after, before) == ["WIDENS " + name])
        #expect(names(after, after).isEmpty)
    }

    @Test func `what is marked already changes nothing by saying so`() throws {
        let stated = try policy("", "safety: {classes: {personal: {arguments: mark}}}")
        #expect(names(try policy("", ""), stated).isEmpty)
    }

    @Test func `a waiver, and a place where a tool takes or returns a class, is wider`() throws {
        let plain = try policy("", "")
        let waived = try policy("", Self.waiver)
        #expect(names(plain, waived) == ["WIDENS safety.waivers"])
        #expect(names(waived, plain) == ["NARROWS safety.waivers"])
        for key in ["accepts", "returns"] {
            let one = try policy(", \(key): {card: [a]}", "")
            let two = try policy(", \(key): {card: [a, b]}", "")
            #expect(names(plain, one) == ["WIDENS \(key).card"])
            #expect(names(one, two) == ["WIDENS \(key).card"])
            #expect(names(two, one) == ["NARROWS \(key).card"])
            #expect(names(one, plain) == ["NARROWS \(key).card"])
        }
    }

    @Test func `a raised class and a waiver are rules of the organisation`() throws {
        let raised = try policy(
            "", "safety: {classes: {card: {arguments: deny, results: replace}}}")
        let rules = raised.organisationRules.filter { $0.name.hasPrefix("safety.") }
        #expect(rules.map(\.text) == ["denied in arguments and replaced in results"])
        let waived = try policy("", Self.waiver).organisationRules
            .filter { $0.name.hasPrefix("safety.") }
        #expect(waived.map(\.name) == ["safety.waivers.desk.fetch.key.token"])
        #expect(waived.first?.text.contains("li@acme.example, until 2027-01-31") == true)
        #expect(try policy("", "").organisationRules.allSatisfy { !$0.name.hasPrefix("safety.") })
    }

    @Test func `the page and the worst case list the waivers that count, with their tool`() throws {
        let name = try #require(AgentName("helper"))
        let policy = try policy("", Self.waiver)
        func texts(at text: String) throws -> [String] {
            let now = try #require(Timestamp(rfc3339: text))
            let page = try #require(AgentPage(policy, of: name, .asWritten, at: now))
            let reach = try #require(WorstCase(policy, of: name, .asWritten, at: now))
            return [page.text, reach.text, reach.rows.flatMap(\.statements).joined(separator: ";")]
        }
        let words = "may have token in key, waived by li@acme.example until 2027-01-31"
        for text in try texts(at: "2026-11-20T09:00:00Z") { #expect(text.contains(words)) }
        for text in try texts(at: "2027-02-01T00:00:00Z") { #expect(!text.contains("waived by")) }
    }

    @Test func `a tool's rule says what it takes and returns`() throws {
        let snapshot = try policy(", accepts: {iban: [to, from]}, returns: {card: [content]}", "")
        let words = snapshot.flow(
            of: ToolAddress(
                server: try #require(ServerName("desk")), tool: try #require(ToolName("fetch")))
        ).words
        #expect(words == ["returns card in content", "takes iban in from, to"])
    }
}
