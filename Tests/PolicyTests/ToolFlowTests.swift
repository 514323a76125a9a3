import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The statements of a tool's entry about the flow of values: how they are read, and what they decide.
@Suite(.requirement("R084")) struct ToolFlowTests {
    private static func text(_ flow: String) -> String {
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        servers:
          desk:
            reviewed: {by: li@acme.example, on: "2026-11-01", trust: internal}
            tools:
              send: {class: write, effects: [sensitive_data]\(flow)}
              look: {class: read, effects: [sensitive_data]}
        """
    }

    private func flow(_ text: String) throws -> ToolFlow {
        let desk = try #require(ServerName("desk"))
        let send = try #require(ToolName("send"))
        let server = try #require(try snapshot(Self.text(text)).servers[desk])
        return try #require(server.tools[send]).flow
    }

    private func findings(_ flow: String) -> [String] {
        PolicyReader.read(policyFiles(Self.text(flow))).findings.reported.map(\.text)
    }

    @Test func `every statement is read, and lists are sorted`() throws {
        let stated = try flow(
            """
            , source: untrusted, sends: true, keys: [to, amount_cents, recipients.email], \
            intent: [send, mail, šalji, 送信], \
            provenance: {trusted: [plan, id], untrusted: [plan.note]}
            """)
        #expect(stated.source == .untrusted && stated.sends)
        #expect(stated.keys?.map(\.text) == ["amount_cents", "recipients.email", "to"])
        #expect(stated.intent == ["mail", "send", "šalji", "送信"])
        #expect(stated.trustedFields.map(\.text) == ["id", "plan"])
        #expect(stated.untrustedFields.map(\.text) == ["plan.note"])
        #expect(try flow(", source: internal").source == .internal)
    }

    @Test func `a tool that states nothing has every argument as a key, and no words`() throws {
        let stated = try flow("")
        #expect(stated == ToolFlow.none && stated.keys == nil && stated.source == nil)
        #expect(!stated.sends && stated.intent.isEmpty)
    }

    @Test(arguments: [
        (", source: trusted", "E203"), (", source: partner", "E203"),
        (", source: [untrusted]", "E202"),
        (", sends: yes", "E203"), (", sends: outside", "E203"), (", keys: to", "E202"),
        (", keys: {to: true}", "E202"), (", keys: [to..cc]", "E203"), (", keys: [\"\"]", "E203"),
        (", keys: [to, to]", "E222"), (", keys: [/to]", "E222"), (", keys: [\"a b\"]", "E222"),
        (", keys: [\"a\u{200b}\"]", "E222"), (", keys: [\"items[].id\"]", "E222"),
        (", keys: [\"items.*.id\"]", "E222"), (", intent: []", "E222"), (", intent: send", "E202"),
        (", intent: [s]", "E222"), (", intent: [Send]", "E222"), (", intent: [send mail]", "E222"),
        (", intent: [\"send\u{200b}\"]", "E222"), (", intent: [\"a@b\"]", "E222"),
        (", intent: [send, send]", "E222"), (", provenance: {}", "E222"),
        (", provenance: [id]", "E202"), (", provenance: {trusted: [], untrusted: []}", "E222"),
        (", provenance: {trusted: [id], untrusted: [id]}", "E222"),
        (", provenance: {open: [id]}", "E201"), (", origin: untrusted", "E201"),
    ]) func `a mistake is named at its line`(_ flow: String, _ code: String) {
        let found = findings(flow)
        #expect(found.contains { $0.hasPrefix("policy.yaml:8:") && $0.contains(code) }, "\(found)")
    }

    @Test(arguments: [
        ("keys", ToolFlow.mostPaths), ("keys", 10_000), ("intent", ToolFlow.mostWords),
        ("intent", 10_000),
    ]) func `longer lists than are compared with calls are refused`(_ key: String, _ most: Int) {
        func list(_ count: Int) -> String {
            (0..<count).map { "name\($0)" }.joined(separator: ", ")
        }
        let found = findings(", \(key): [\(list(most + 1))]")
        #expect(found.contains { $0.contains("E109") })
        if most < 10_000 { #expect(findings(", \(key): [\(list(most))]") == []) }
    }

    @Test func `a word of forty letters is the longest`() {
        let longest = String(repeating: "a", count: 40)
        #expect(findings(", intent: [\(longest)]") == [])
        #expect(findings(", intent: [\(longest)a]").contains { $0.contains("E222") })
    }

    @Test func `the digest covers every statement, and a policy without any keeps its own`() throws
    {
        let own = try snapshot(Self.text("")).digest
        let all = [
            ", source: untrusted", ", source: internal", ", sends: true", ", sends: false",
            ", keys: [to]", ", keys: [to, cc]", ", intent: [send]", ", intent: [mail]",
            ", provenance: {trusted: [id]}", ", provenance: {untrusted: [id]}",
        ]
        let digests = try all.map { try snapshot(Self.text($0)).digest }
        #expect(Set(digests + [own]).count == all.count + 1)
        let form = try #require(try snapshot(Self.text("")).document.canonical())
        let canonical = String(decoding: form.serialized(), as: UTF8.self)
        for key in ["source", "sends", "keys", "intent", "provenance"] {
            #expect(!canonical.contains("\"\(key)\""), "\(key)")
        }
        // The order of a list has no meaning.
        let (one, two) = (", keys: [to, cc]", ", keys: [cc, to]")
        #expect(try snapshot(Self.text(one)).digest == snapshot(Self.text(two)).digest)
    }

    @Test func `the statements are part of what decides for an agent`() throws {
        let agent = """

            agents:
              helper:
                owner: li@acme.example
                purpose: Helps people
                tier: low
                stage: trusted
                review_by: "2027-02-01"
                mcp_scopes: {desk: [look]}

            """
        func slice(_ flow: String) throws -> Digest {
            let policy = try snapshot(Self.text(flow) + agent)
            let name = try #require(AgentName("helper"))
            return try #require(policy.sliceDigest(of: name, hashing: OpenSSLHashing()))
        }
        #expect(try slice(", keys: [to]") != slice(""))
    }

    @Test func `each statement has words`() throws {
        #expect(try flow("").words == [])
        let stated = try flow(
            ", source: untrusted, sends: true, keys: [to], intent: [send], "
                + "provenance: {trusted: [id], untrusted: [id.note]}")
        #expect(
            stated.words == [
                "returns what outsiders wrote", "sends data out", "decided by the values of to",
                "meant by a request with send", "trusted in its results: id",
                "not trusted in its results: id.note",
            ])
    }
}
