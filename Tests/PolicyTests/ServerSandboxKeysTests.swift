import InterlockModel
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The keys of `connect.sandbox` that the launch of a stdio server keeps, and those it does not (docs/specs/sandbox.md, section 14).
@Suite struct ServerSandboxKeysTests {
    private func read(
        _ sandbox: String, _ connection: String = "stdio: [/usr/bin/desk]"
    ) throws -> (server: ServerSpec, refused: [String]) {
        let reading = PolicyReader.read(
            policyFiles(
                """
                interlock: 1
                org: acme
                servers:
                  desk:
                    tools: {look: {class: read}}
                    connect: {\(connection), sandbox: \(sandbox)}
                """))
        let problems = reading.findings.reported.map(\.text).joined(separator: "\n")
        let document = try #require(reading.document, Comment(rawValue: problems))
        let server = try #require(document.servers.first)
        return (server, server.notEnforced.map(\.value))
    }

    /// The refusal of a workspace, which names the keys that show a folder.
    private static let noWorkspace =
        "workspace but `mode: none` (a server belongs to no run; name the folder in `read`, "
        + "or in `writable_cache` if the server writes there)"

    @Test(arguments: [
        "{}", "{read: [/srv/a]}", "{writable_cache: [/srv/a], network: host}",
        "{env: {TZ: UTC}, secrets: [{name: T, from: \"files:t\", as: env}]}",
        "{profile: mcp}", "{egress: [\"api.example.com:443\"]}", "{limits: {pids: 8}}",
        "{workspace: {mode: none}}", "{resolver: system}", "{tty: never}", "{isolation: full}",
        "{backend: own}", "{allow_debug: false}", "{profile: mcp, network: host}",
        "{writable_cache: [/home/agent/.cache/x]}",
        "{secrets: [{name: token, from: \"files:t\", as: file}]}",
        "{secrets: [{name: token, from: \"commands:t\", as: file}]}",
        "{secrets: [{name: T, from: \"systemd:t\", as: env}]}",
        "{secrets: [{name: T, from: \"env:t\", as: env}]}",
    ])
    func `what is kept is not refused, with or without a profile`(sandbox: String) throws {
        let (server, refused) = try read(sandbox)
        let profile = ServerEntry(server).sandbox.profile
        #expect(refused.isEmpty && profile == .mcp, "\(refused)")
    }

    @Test(arguments: [
        ("{profile: isolated}", "profile but `mcp`"),
        ("{isolation: reduced, minimum: reduced}", "isolation but `full`"),
        ("{backend: bwrap}", "backend: `bwrap`"), ("{tty: auto}", "tty but `never`"),
        ("{workspace: {mode: ro}}", Self.noWorkspace),
        ("{workspace: {mode: overlay}}", Self.noWorkspace),
        ("{workspace: {mode: none, hide: [a]}}", Self.noWorkspace),
        (
            "{egress: [\"a.example:443\"], network: host}",
            "egress with `network: host`, which needs no proxy"
        ),
        ("{limits: {require_cgroup: true}}", "limits.require_cgroup"),
        ("{pass_env: [TZ]}", "pass_env"), ("{cli_may_widen: false}", "cli_may_widen"),
        ("{on_lease_loss: kill}", "on_lease_loss"),
    ])
    func `what is not kept is refused by name`(sandbox: String, what: String) throws {
        let (_, refused) = try read(sandbox)
        #expect(refused == ["connect.sandbox." + what])
    }

    @Test func `a server over http has no child that could keep them`() throws {
        let (_, refused) = try read(
            "{profile: mcp, limits: {pids: 8}}", "http: \"https://desk.example/mcp\"")
        #expect(refused == ["connect.sandbox.limits"])
    }

    @Test func `a cache of the server alone is no path of the host`() throws {
        let (spec, _) = try read("{writable_cache: [/home/agent/.cache/x, /srv/data]}")
        let server = ServerEntry(spec)
        #expect(server.sandboxWrite == ["/srv/data"])
        #expect(server.sandboxCaches == ["/home/agent/.cache/x"])
    }

    @Test func `a secret as a file is no variable of the lock`() throws {
        let (server, _) = try read(
            "{secrets: [{name: token, from: \"files:t\", as: file}, {name: T, from: \"files:u\", as: env}]}"
        )
        #expect(server.variables.files == ["token": SecretReference(.files, "t")])
        #expect(server.variables.names == ["T"])
    }
}
