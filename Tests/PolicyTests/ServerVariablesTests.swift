import InterlockModel
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The environment variables that a policy may set for a server's child, and their entry in the lock.
@Suite struct `Variables of a server` {
    private static func document(_ sandbox: String) throws -> PolicyDocument {
        let reading = PolicyReader.read(
            policyFiles(
                """
                interlock: 1
                org: acme
                servers:
                  desk:
                    tools: {look: {class: read}}
                    connect: {stdio: [/usr/bin/desk], sandbox: {\(sandbox)}}
                """))
        return try #require(reading.document, "\(reading.findings.reported.map(\.text))")
    }

    @Test func `values stand in the policy, secrets by name alone`() throws {
        let document = try Self.document(
            "env: {TZ: UTC}, secrets: [{name: TOKEN, from: \"files:desk-TOKEN\", as: env}]")
        let variables = try #require(document.servers.first).variables
        #expect(variables.plain == ["TZ": "UTC"])
        #expect(variables.secrets == ["TOKEN": SecretReference(.files, "desk-TOKEN")])
        #expect(Enforcement.unsupported(document).isEmpty)
    }

    @Test(arguments: SecretSource.allCases)
    func `a secret comes from the source that the policy names`(_ source: SecretSource) throws {
        let document = try Self.document(
            "secrets: [{name: TOKEN, from: \"\(source.rawValue):desk\", as: env}, "
                + "{name: key, from: \"\(source.rawValue):desk-key\", as: file}]")
        let variables = try #require(document.servers.first).variables
        #expect(variables.secrets == ["TOKEN": SecretReference(source, "desk")])
        #expect(variables.files == ["key": SecretReference(source, "desk-key")])
        #expect(
            variables.references
                == [SecretReference(source, "desk"), SecretReference(source, "desk-key")])
        #expect(variables.names == ["TOKEN"])
        #expect(Enforcement.unsupported(document).isEmpty)
    }

    @Test(arguments: [
        "secrets: [{name: TOKEN, from: \"vault:desk\", as: env}]",
        "secrets: [{name: TOKEN, from: \"oauth:desk\", as: env}]",
        "secrets: [{name: TOKEN, from: \"env:\", as: env}]",
        "secrets: [{name: TOKEN, from: \"desk\", as: env}]",
        "secrets: [{name: TOKEN, from: \"files:../desk\", as: env}]",
        "secrets: [{name: TOKEN, from: \"files:desk\"}]",
        "secrets: [{name: 1TOKEN, from: \"files:desk\", as: env}]",
        "secrets: [{name: \"A=B\", from: \"files:desk\", as: env}]",
        "env: {TOKEN: x}, secrets: [{name: TOKEN, from: \"files:desk\", as: env}]",
        "secrets: [{name: NODE_OPTIONS, from: \"files:desk\", as: env}]",
        "secrets: [{name: LD_PRELOAD, from: \"files:desk\", as: env}]",
        "pass_env: [HOME]",
    ])
    func `what this version does not do is refused`(_ sandbox: String) throws {
        let document = try Self.document(sandbox)
        let findings = Enforcement.unsupported(document)
        #expect(findings.map(\.code) == [.notEnforced], "\(findings)")
    }

    @Test func `a variable that nobody has reviewed shuts the server off`() throws {
        let document = try Self.document("env: {TZ: UTC, LD_PRELOAD: /tmp/x}")
        let variables = try #require(document.servers.first).variables
        func entry(_ names: [String]) -> LockedServer {
            LockedServer(
                name: nil, version: nil, protocolVersion: "2025-11-25", capabilities: [],
                origin: .program(
                    LockedProgram(
                        installed: nil, argv: ["/usr/bin/desk"], environment: names, sandbox: "mcp")
                ),
                instructions: nil, tools: [:])
        }
        let difference = entry(["TZ"]).difference(from: variables)
        #expect(difference?.contains("LD_PRELOAD") == true)
        #expect(entry(["LD_PRELOAD", "PATH", "TZ"]).difference(from: variables) == nil)
    }
}
