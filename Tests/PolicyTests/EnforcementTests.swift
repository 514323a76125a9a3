import InterlockJSON
import InterlockModel
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The keys that `serve` of this version refuses, because it does not enforce them.
@Suite struct EnforcementTests {
    static let cases: [(text: String, expected: [String])] = [
        ("data: {desk.look: {drop: [iban]}}", []),
        ("taint: {mode: strict}", []),
        ("taint: {mode: strict, hostile: approve}", []),
        ("taint: {mode: strict, hostile: deny}", []),
        ("taint: {}", []),
        ("taint: {mode: provenance}", []),
        ("taint: {mode: provenance, hostile: deny}", []),
        // The default mode is `provenance`.
        ("taint: {hostile: deny}", []),
        // The host runs its tools with its own arguments.
        ("data: {host.read: {max_bytes: 5}}", ["8:12 agents.a.data.host.read"]),
        ("scan: {history: true}", []),
        ("hooks: {}", []),
        ("hooks: {wait: 20s, shell_allow: [git status]}", []),
        ("hooks: {uid: 1000}", []),
        ("hooks: {on_bypass: kill}", []),
        ("hooks: {on_unredactable: kill}", []),
        ("hooks: {host_prompt: low}", []),
        ("workloads: {uid: 1000}", []),
        ("workloads: {run: true}", []),
        ("hours: {from: \"08:00\", to: \"18:00\", tz: UTC}", []),
        ("mcp_scopes: {desk: [{tool: look, when: \"true\"}]}", []),
        ("mcp_scopes: {desk: [{tool: look, when: \"!call.tainted\"}]}", []),
        ("mcp_scopes: {desk: [{tool: look, when: \"has(call.on_behalf_of)\"}]}", []),
        ("data: {}", []),
        ("sandbox: isolated", []),
        ("kill_switch: org-wide, tested weekly", []),
    ]

    @Test(arguments: cases)
    func `Each key that is not enforced is refused at its place`(
        text: String, expected: [String]
    ) throws {
        let policy = """
            interlock: 1
            org: acme
            servers:
              desk:
                tools: {look: {class: read}}
            agents:
              a:
                \(text)
            """
        #expect(try unsupported(policy) == expected)
    }

    @Test func `Rules beside the agents are refused at their place`() throws {
        let policy = """
            interlock: 1
            org: acme
            merge: {wip_limit: {changes: 5}}
            servers:
              desk:
                tools: {look: {class: read, data: {max_bytes: 5}}}
                connect: {stdio: [a], sandbox: {read: [/srv], cli_may_widen: false}}
                data: {max_bytes: 64KiB}
            agents: {a: {}}
            effects:
              - {id: x, tools: [desk.look], add: production, when: "true"}
            forbid:
              - {id: y, tools: [desk.look], when: "call.tainted"}
              - {id: z, tools: [desk.look]}
            elevations:
              - id: e
                agent: a
                grant: {desk: [look]}
                from: "2026-11-20T08:00:00Z"
                until: "2026-11-20T09:00:00Z"
            """
        #expect(
            try unsupported(policy) == [
                "7:51 servers.desk.connect.sandbox.cli_may_widen"
            ])
    }

    @Test func `A finding is one object on a line for machines`() throws {
        let finding = Finding(
            .unknownKey, at: PolicyLocation(file: "a.yaml", line: 3, column: 7), path: "agents.x",
            "`ownr` is not a key of an agent", help: "did you mean `owner`?")
        #expect(
            finding.json == [
                "file": "a.yaml", "line": 3, "col": 7, "code": "E201", "path": "agents.x",
                "message": "`ownr` is not a key of an agent", "help": "did you mean `owner`?",
                "waived": false,
            ])
    }

    private func unsupported(_ policy: String) throws -> [String] {
        let reading = PolicyReader.read(policyFiles(policy))
        let problems = reading.findings.reported.map(\.text).joined(separator: "\n")
        let document = try #require(reading.document, Comment(rawValue: problems))
        return Enforcement.unsupported(document).map {
            "\($0.place.line):\($0.place.column) \($0.path)"
        }
    }
}
