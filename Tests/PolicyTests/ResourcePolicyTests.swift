import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Resources and prompts are rows of the policy, like tools (decision 0019).
@Suite struct ResourcePolicyTests {
    private static func text(_ resources: String, grants: String = "[read]") -> String {
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        servers:
          desk:
            tools: {look: {class: read}}
            resources: \(resources)
            prompts: {greet: {class: read}, purge: {class: write, effects: [irreversible]}}
        forbid:
          - {id: no-vault, tools: ["desk.resource:vault"]}
        agents:
          clerk: {owner: li@acme.example, purpose: Clerks, tier: low, stage: trusted, \
        review_by: "2027-02-01", mcp_scopes: {desk: \(grants)}}
        """
    }

    private static let resources =
        "{note: {uri: \"notes://{id}\", class: read}, vault: {uri: \"notes://vault\", class: read}, "
        + "deep: {uri: \"notes://{+path}\", class: write, effects: [reversible]}}"

    private func reason(_ policy: PolicySnapshot, _ call: String) throws -> String {
        let decision = try policy.decision("clerk", call)
        return "\(decision.verdict) \(decision.reason.rawValue)"
    }

    @Test func `class grants, forbids and visibility hold for them as for tools`() throws {
        let policy = try snapshot(Self.text(Self.resources))
        #expect(try reason(policy, "desk.resource:note") == "allow controls")
        #expect(try reason(policy, "desk.prompt:greet") == "allow controls")
        #expect(try reason(policy, "desk.prompt:purge") == "deny no-grant")
        #expect(try reason(policy, "desk.resource:deep") == "deny no-grant")
        #expect(try reason(policy, "desk.resource:vault") == "deny forbid")
        #expect(try reason(policy, "desk.resource:none") == "deny unlisted-tool")
        let agent = try #require(AgentName("clerk"))
        let visible = policy.visibleTools(for: agent, stage: .trusted, at: exampleTime)
        #expect(
            visible.map(\.description) == ["desk.look", "desk.prompt:greet", "desk.resource:note"])
    }

    @Test(
        arguments: [
            ("notes://a", "note"), ("notes://vault", "vault"), ("notes://a/b", "deep"),
            ("notes://%76ault", "vault"), ("other://a", nil),
        ] as [(String, String?)])
    func `a URI is of the narrowest entry`(uri: String, name: String?) throws {
        let policy = try snapshot(Self.text(Self.resources))
        let desk = try #require(ServerName("desk"))
        let found = policy.resource(of: try ResourceURI(uri), at: desk)
        #expect(found?.address.tool.ownName == name)
    }

    @Test func `a URI of two entries with equally many letters is of none`() throws {
        let policy = try snapshot(
            Self.text(
                "{a: {uri: \"x://{id}/b\", class: read}, b: {uri: \"x://b/{id}\", class: read}, "
                    + "vault: {uri: \"y://v\", class: read}}"))
        let desk = try #require(ServerName("desk"))
        #expect(policy.resource(of: try ResourceURI("x://b/b"), at: desk) == nil)
        #expect(policy.resource(of: try ResourceURI("x://c/b"), at: desk) != nil)
    }

    @Test(arguments: [
        ("x://{a}{b}", "E214"), ("x://a/../b", "E214"), ("X://a", "E214"), ("interlock:a", "E214"),
        ("x://{uri}", "E214"), ("notes://{other}", "E401"),
    ])
    func `an entry that says nothing clear is a finding`(uri: String, code: String) {
        let resources =
            "{note: {uri: \"notes://{id}\", class: read}, vault: {uri: \"y://v\", class: read}, "
            + "bad: {uri: \"\(uri)\", class: read}}"
        let output = checkOutput(policyFiles(Self.text(resources)))
        #expect(output.contains(code), "\(output)")
    }

    @Test(.requirement("R021"))
    func `guards see the variables, and what is completed by another kind`() throws {
        let policy = try snapshot(
            Self.text(
                Self.resources,
                grants:
                    "[{tool: \"resource:note\", when: \"args.id == 'a' && call.tool == 'note' && call.kind == 'resource'\"}]"
            ))
        let note = try address("desk.resource:note")
        let agent = try #require(AgentName("clerk"))
        func verdict(_ id: JSONValue, completes: String? = nil) -> Verdict {
            policy.decide(
                DecisionRequest(
                    agent: agent, address: note, arguments: ["id": id], completes: completes),
                facts: DecisionFacts(effectiveStage: .trusted), now: exampleTime
            ).verdict
        }
        #expect(verdict("a") == .allow)
        #expect(verdict("b") == .deny)
        #expect(verdict("a", completes: "id") == .deny)
    }

    @Test(
        arguments: [
            ("args.id > 5", "E31"), ("args.name == 'a'", "E310"),
            ("args.uri.size() > 5 && args.id == 1", "E312"),
        ] as [(String, String)])
    func `a guard that takes a variable for something else is refused with its place`(
        text: String, code: String
    ) {
        let output = checkOutput(
            policyFiles(
                Self.text(
                    Self.resources, grants: "[{tool: \"resource:note\", when: \"\(text)\"}]")))
        #expect(output.contains("policy.yaml:12:") && output.contains(" \(code)"), "\(output)")
    }

    @Test func `a guard on a class is about its resources too, an exact URI has no variables`() {
        func output(_ text: String) -> String {
            checkOutput(
                policyFiles(
                    Self.text(
                        Self.resources, grants: "[{class: read, when: \"\(text)\"}]")))
        }
        #expect(output("args.uri.startsWith('notes://')").contains("E3") == false)
        #expect(output("args.id == 'a'").contains(" E310 "), "vault has no `id`")
    }

    @Test func `what was completed is read back from the record, and decides again`() throws {
        let policy = try snapshot(Self.text(Self.resources))
        let agent = try #require(AgentName("clerk"))
        let greet = try address("desk.prompt:greet")
        let facts = DecisionFacts(effectiveStage: .trusted)
        let arguments: JSONValue = ["who": "a"]
        let decision = policy.decide(
            DecisionRequest(agent: agent, address: greet, arguments: arguments, completes: "who"),
            facts: facts, now: exampleTime)
        let input = DecisionInput(
            agent: agent, address: greet, completes: "who", purpose: nil, decision: decision,
            facts: facts, policy: policy.digest, basis: policy.basis, now: exampleTime)
        let read = try RecordedDecision(parsing: input.serialized())
        #expect(read.completes == "who" && read.address == greet)
        let differences = DecisionReplay.differences(
            of: read, leaf: nil, arguments: arguments, under: policy)
        #expect(differences.isEmpty)
    }
}
