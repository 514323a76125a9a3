import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// The statements of a tool's entry about the flow of values in `policy diff`, in rules and in the worst case.
@Suite(.requirement("R084")) struct FlowComparisonTests {
    private func policy(_ flow: String) throws -> PolicySnapshot {
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
                reviewed: {by: li@acme.example, on: "2026-11-01", trust: internal}
                tools:
                  fetch: {class: read\(flow)}
                  peek: {class: read, effects: [sensitive_data]}
            agents:
              helper:
                owner: li@acme.example
                purpose: Helps people
                tier: medium
                stage: trusted
                review_by: "2027-02-01"
                approvers: leads
                mcp_scopes: {desk: [read]}

            """)
    }

    @Test(
        arguments: [
            (", sends: true, keys: [to, cc]", ", sends: true, keys: [to]", ["WIDENS keys"]),
            (", sends: true, keys: [to]", ", sends: true, keys: [to, cc]", ["NARROWS keys"]),
            (
                ", sends: true, keys: [to]", ", sends: true, keys: [cc]",
                ["NARROWS keys", "WIDENS keys"]
            ),
            (", sends: true", ", sends: true, keys: [to]", ["WIDENS keys"]),
            (", sends: true, keys: [to]", ", sends: true", ["NOT COMPARABLE keys"]),
            (", source: untrusted", "", ["WIDENS source"]),
            (", source: untrusted", ", source: internal", ["WIDENS source"]),
            ("", ", source: untrusted", ["NARROWS source"]), ("", ", source: internal", []),
            (", sends: true", "", ["WIDENS sends"]),
            (", sends: true", ", sends: false", ["WIDENS sends"]),
            ("", ", sends: false", []), ("", ", sends: true", ["NARROWS sends"]),
            (
                ", sends: true, intent: [send]", ", sends: true, intent: [send, mail]",
                ["WIDENS intent"]
            ),
            (
                ", sends: true, intent: [send, mail]", ", sends: true, intent: [send]",
                ["NARROWS intent"]
            ), (", sends: true, intent: [send]", ", sends: true", ["WIDENS intent"]),
            (", sends: true", ", sends: true, intent: [send]", ["NARROWS intent"]),
            ("", ", provenance: {trusted: [id]}", ["WIDENS provenance.trusted"]),
            (", provenance: {trusted: [id]}", "", ["NARROWS provenance.trusted"]),
            (", provenance: {untrusted: [id]}", "", ["WIDENS provenance.untrusted"]),
            ("", ", provenance: {untrusted: [id]}", ["NARROWS provenance.untrusted"]),
            (", keys: [to, cc]", ", keys: [cc, to]", []),
        ] as [(String, String, [String])])
    func `says what is wider`(_ old: String, _ new: String, _ expected: [String]) throws {
        let found = lines(try policy(old), try policy(new))
        let names = found.map { line in
            // The part before the values: `WIDENS servers.desk.tools.fetch.keys`.
            let end = line.firstRange(of: ": ")?.lowerBound ?? line.endIndex
            return String(line[..<end]).replacing("servers.desk.tools.fetch.", with: "")
        }
        #expect(names.sorted() == expected.sorted(), "\(found)")
    }

    @Test func `a tool that sends is a sink of data, and named as one`() throws {
        let name = try #require(AgentName("helper"))
        func reach(_ flow: String) throws -> WorstCase {
            let policy = try policy(flow)
            return try #require(WorstCase(policy, of: name, .asWritten, at: exampleTime))
        }
        let plain = try reach("")
        #expect(plain.flows.isEmpty && !plain.text.contains("sends"))
        let sending = try reach(", sends: true, keys: [url]")
        #expect(sending.flows == ["desk.peek -> desk.fetch"])
        #expect(sending.text.contains("desk.fetch  read, sends"))
        let row = try #require(sending.rows.first { $0.tool.tool.text == "fetch" })
        #expect(row.sends && row.effectWords.last == "sends data out")
        #expect(row.json["sends"] == true)
    }

    @Test func `a rule of the tool has the statements in words`() throws {
        let rules = try policy(", sends: true, keys: [url], intent: [open]").organisationRules
        let rule = try #require(rules.first { $0.name == "servers.desk.tools.fetch" })
        let words = "; sends data out; decided by the values of url; meant by a request with open"
        #expect(rule.text.hasSuffix(words) && rule.sentence.hasSuffix(words))
        let name = try #require(AgentName("helper"))
        let sending = try policy(", sends: true")
        let page = try #require(AgentPage(sending, of: name, .asWritten, at: exampleTime))
        #expect(page.text.contains("\n      sends data out\n"))
    }

    @Test(
        .requirement("R154"),
        arguments: [
            (", allow_extra: true", "takes arguments that its schema does not name"),
            (", source: untrusted", "returns what outsiders wrote"),
            (", intent: [open, read]", "meant by a request with open, read"),
            (", keys: [url]", "decided by the values of url"),
            (", provenance: {trusted: [id]}", "trusted in its results: id"),
            (", data: {keep: [id, plan]}", "of the result only id, plan"),
            (", data: {keep: []}", "of the result only nothing"),
            (
                ", data: {drop: [iban], mask: {mail: domain_only}}",
                "the result without iban; masked in the result: mail"
            ),
            (", data: {max_bytes: 64KiB}", "the result is at most "),
            (", data: {max_bytes: 64KiB, overflow: truncate}", "; longer texts are cut"),
            (", data: {arguments: {drop: [note]}}", "arguments without note"),
        ])
    func `the page and the worst case say what a tool's entry states about its values`(
        _ flow: String, _ words: String
    ) throws {
        let name = try #require(AgentName("helper"))
        func texts(_ flow: String) throws -> [String] {
            let policy = try policy(flow)
            let page = try #require(AgentPage(policy, of: name, .asWritten, at: exampleTime))
            let reach = try #require(WorstCase(policy, of: name, .asWritten, at: exampleTime))
            let row = try #require(reach.rows.first { $0.tool.tool.text == "fetch" })
            return [
                page.text, reach.text, row.statements.joined(separator: "; "),
                String(decoding: row.json.serialized(), as: UTF8.self),
            ]
        }
        for text in try texts("") { #expect(!text.contains(words)) }
        let found = try texts(flow)
        func has(_ line: Substring, indented spaces: Int) -> Bool {
            line.hasPrefix(String(repeating: " ", count: spaces)) && line.contains(words)
        }
        let page = found[0].split(separator: "\n")
        #expect(page.contains { has($0, indented: 6) }, "\(found[0])")
        let reach = found[1].split(separator: "\n")
        #expect(reach.contains { has($0, indented: 4) }, "\(found[1])")
        #expect(found[2].contains(words) && found[3].contains(words))
    }
}
