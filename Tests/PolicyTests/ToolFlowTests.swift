import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The statements of a tool's entry about the flow of values: how they are read, and what they decide.
@Suite(.requirement("R084")) struct `Flow of values of a tool` {
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
        #expect(stated.source == .untrusted && stated.isUntrustedSource && stated.sends)
        #expect(stated.keys?.map(\.text) == ["amount_cents", "recipients.email", "to"])
        #expect(stated.intent == ["mail", "send", "šalji", "送信"])
        #expect(stated.trustedFields.map(\.text) == ["id", "plan"])
        #expect(stated.untrustedFields.map(\.text) == ["plan.note"])
        #expect(try flow(", source: internal").source == .internal)
    }

    @Test func `a tool that states nothing has every argument as a key, and no words`() throws {
        let stated = try flow("")
        #expect(stated == ToolFlow.none && stated.keys == nil && stated.source == nil)
        #expect(!stated.isUntrustedSource && !stated.sends && stated.intent.isEmpty)
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

/// Calls of a tool that sends data out, whatever its effects are.
@Suite(.requirement("R084", "R085")) struct `Reads that send` {
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
    ]) func `are decided like what leaves the organisation, by every label and level`(
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

    @Test func `are asked about after outside content by a strict rule, and denied after a marker`()
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

    @Test func `are denied if a part of their arguments was not decoded`() throws {
        func decide(_ tool: String) throws -> Decision {
            try Self.compiled.get().decision("free", "desk.\(tool)", stage: .trusted) {
                $0.arguments = .undecodable
            }
        }
        #expect(try decide("look").reason != .undecodable)
        #expect(try decide("fetch").reason == .undecodable)
    }
}

/// The schemas whose values cannot hold any text.
@Suite struct `Free text of a schema` {
    @Test(arguments: [
        (#"{"type":"integer"}"#, false),
        (#"{"type":"boolean"}"#, false),
        (#"{"type":"null"}"#, false),
        (#"{"type":["number","null"]}"#, false),
        (#"{"type":["number","string"]}"#, true),
        (#"{"type":"string"}"#, true),
        (#"{"type":"string","format":"date"}"#, false),
        (#"{"type":"string","format":"date-time"}"#, false),
        (#"{"type":"string","format":"uri"}"#, true),
        (#"{"enum":["a","b"]}"#, false),
        (#"{"const":"a"}"#, false),
        (#"{}"#, true),
        (#"true"#, true),
        (#"false"#, false),
        (#"{"type":"array"}"#, true),
        (#"{"type":"array","items":{"type":"integer"}}"#, false),
        (#"{"type":"array","items":{"type":"string"}}"#, true),
        (#"{"type":"array","items":false,"prefixItems":[{"type":"string"}]}"#, true),
        (#"{"type":"object"}"#, true),
        (#"{"type":"object","additionalProperties":false}"#, false),
        (
            #"{"type":"object","additionalProperties":false,"properties":{"n":{"type":"integer"}}}"#,
            false
        ),
        (
            #"{"type":"object","additionalProperties":false,"properties":{"n":{"type":"string"}}}"#,
            true
        ),
        (
            #"{"type":"object","additionalProperties":false,"patternProperties":{"x":{"type":"integer"}}}"#,
            true
        ),
        (#"{"anyOf":[{"type":"integer"},{"type":"null"}]}"#, false),
        (#"{"oneOf":[{"type":"integer"},{"type":"string"}]}"#, true),
        (#"{"anyOf":[]}"#, true),
        (##"{"$ref":"#/$defs/x"}"##, true),
        (#"{"type":"odd"}"#, true),
        (#"{"type":[]}"#, true),
    ]) func `is possible unless it is excluded`(_ text: String, _ isPossible: Bool) throws {
        let schema = try JSONValue(parsing: Array(text.utf8), limits: .agent)
        #expect(FreeText.isPossible(in: schema) == isPossible)
    }

    @Test func `is possible below what is examined`() {
        var schema: JSONValue = ["type": "integer"]
        for _ in 0..<15 { schema = ["type": "array", "items": schema] }
        #expect(!FreeText.isPossible(in: schema))
        for _ in 0..<2 { schema = ["type": "array", "items": schema] }
        #expect(FreeText.isPossible(in: schema))
    }
}
