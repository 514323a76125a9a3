import InterlockJSON
import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// `allow_extra` of a tool, and `overflow` of obligations on data: how they are read, and what they decide.
@Suite(.requirement("R138")) struct ValidationKeysTests {
    private static func text(
        look: String = "", note: String = "", server: String = "", agent: String = "{}"
    ) -> String {
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        servers:
          desk:
            reviewed: {by: li@acme.example, on: "2026-11-01", trust: internal}\(server)
            tools:
              look: {class: read\(look)}
              note: {class: write, effects: [reversible]\(note)}
        agents:
          clerk:
            owner: li@acme.example
            purpose: Clerks
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            mcp_scopes: {desk: [look, note]}
            data: \(agent)
        """
    }

    private func address(_ text: String) throws -> ToolAddress {
        ToolAddress(
            server: try #require(ServerName("desk")), tool: try #require(ToolName(text)))
    }

    private func data(_ text: String, of tool: String = "look") throws -> DataObligations? {
        try snapshot(text).dataObligations(
            of: try address(tool), for: try #require(AgentName("clerk")))
    }

    private func findings(_ text: String) -> [String] {
        PolicyReader.read(policyFiles(text)).findings.reported.map(\.text)
    }

    @Test func `a tool admits no other members unless its entry says so`() throws {
        let policy = try snapshot(Self.text(note: ", allow_extra: true"))
        #expect(!policy.allowsExtraArguments(try address("look")))
        #expect(policy.allowsExtraArguments(try address("note")))
        #expect(!policy.allowsExtraArguments(try address("unknown")))
        let other = try snapshot(Self.text(note: ", allow_extra: false"))
        #expect(!other.allowsExtraArguments(try address("note")))
    }

    @Test func `a cut needs the word of everyone who states a size`() throws {
        let cut = "max_bytes: 2KiB, overflow: truncate"
        let whole = "max_bytes: 4KiB"
        func overflow(_ look: String, _ server: String, _ agent: String) throws -> ResultOverflow? {
            try data(
                Self.text(
                    look: look.isEmpty ? "" : ", data: {\(look)}",
                    server: server.isEmpty ? "" : "\n    data: {\(server)}",
                    agent: agent.isEmpty ? "{}" : "{desk.look: {\(agent)}}"))?.overflow
        }
        #expect(try overflow(cut, "", "") == .truncate)
        #expect(try overflow("", cut, "") == .truncate)
        #expect(try overflow("", "", cut) == .truncate)
        #expect(try overflow(cut, cut, cut) == .truncate)
        #expect(try overflow(cut, "drop: [a]", "") == .truncate)
        #expect(try overflow(cut, whole, "") == .withhold)
        #expect(try overflow(cut, "", whole) == .withhold)
        #expect(try overflow(whole, "", cut) == .withhold)
        #expect(try overflow("max_bytes: 2KiB, overflow: withhold", "", "") == .withhold)
        #expect(try overflow("drop: [a]", "", "") == .withhold)
    }

    @Test func `the decision names a cut among the obligations`() throws {
        let text = Self.text(look: ", data: {max_bytes: 2KiB, overflow: truncate}")
        let obligations = try #require(try data(text))
        #expect(obligations.names == ["max_bytes", "overflow"])
        #expect(obligations.json == ["max_bytes": 2048, "overflow": "truncate"])
        #expect(obligations.union(obligations) == obligations)
    }

    @Test(
        arguments: [
            (text(look: ", allow_extra: yes"), "E203"), (text(look: ", allow_extra: [a]"), "E202"),
            (text(look: ", allow_extras: true"), "E201"),
            (text(look: ", data: {max_bytes: 1KiB, overflow: cut}"), "E203"),
            (text(look: ", data: {overflow: truncate}"), "E402"),
            (text(look: ", data: {overflow: withhold}"), "E402"),
            (text(note: ", data: {max_bytes: 1KiB, overflow: truncate}"), "E402"),
            (text(server: "\n    data: {overflow: truncate}"), "E402"),
            (text(agent: "{desk.note: {max_bytes: 1KiB, overflow: truncate}}"), "E402"),
            (text(agent: "{desk.look: {overflow: truncate}}"), "E402"),
            (text(look: ", data: {drop: [a], max_bytes: 1KiB, overflow: truncate}"), "E402"),
            (
                text(
                    server: "\n    data: {mask: {a: redact}, max_bytes: 1KiB, overflow: truncate}"),
                "E402"
            ),
            (text(agent: "{desk.look: {keep: [a], max_bytes: 1KiB, overflow: truncate}}"), "E402"),
        ] as [(String, String)])
    func `a mistake is named`(_ text: String, _ code: String) {
        let found = findings(text)
        #expect(found.contains { $0.contains(code) }, "\(found)")
    }

    @Test func `keys that say what holds anyway are no mistake`() {
        let text = Self.text(
            look: ", allow_extra: false, data: {max_bytes: 1KiB, overflow: truncate}",
            note: ", data: {max_bytes: 1KiB, overflow: withhold}")
        let found = PolicyReader.read(policyFiles(text)).findings.reported
        #expect(found.allSatisfy { $0.code.grade != .error }, "\(found.map(\.text))")
    }

    @Test(
        arguments: [
            text(note: ", data: {max_bytes: 1KiB, overflow: truncate}"),
            text(agent: "{desk.note: {max_bytes: 1KiB, overflow: truncate}}"),
        ])
    func `a cut of a tool that does more than read is reported once, with what to write`(
        text: String
    ) {
        let found = findings(text).filter { $0.contains("overflow") }
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains("is for tools of class read alone") == true)
        #expect(found.first?.hasSuffix("help: use `overflow: withhold`") == true)
    }

    @Test func `a cut without a size is reported with what it requires`() {
        let found = findings(Self.text(look: ", data: {overflow: truncate}"))
        #expect(found.contains { $0.hasSuffix("data: `overflow` requires `max_bytes`") })
    }

    @Test func `each of these keys is part of the digest`() throws {
        let before = try snapshot(Self.text(look: ", data: {max_bytes: 1KiB}"))
        let cut = try snapshot(Self.text(look: ", data: {max_bytes: 1KiB, overflow: truncate}"))
        let extra = try snapshot(Self.text(look: ", data: {max_bytes: 1KiB}, allow_extra: true"))
        #expect(Set([before, cut, extra].map(\.digest)).count == 3)
    }
}
