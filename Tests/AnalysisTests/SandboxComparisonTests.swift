import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Sandboxes in `policy diff` and in the worst case (docs/specs/sandbox.md, section 8).
@Suite struct `Comparing sandboxes` {
    private static let stated =
        "sandbox: {profile: isolated, egress: [proxy.packages.example:443]}"
    private static let rule =
        #"{"protocol":"tls","private":"no","ech":"deny","max_bytes_up":52428800}"#

    private func change(_ sandbox: String) throws -> PolicySnapshot {
        try acme((Self.stated, "sandbox: {\(sandbox)}"))
    }

    @Test(
        .requirement("R029", "R035"),
        arguments: [
            (
                "egress: [proxy.packages.example:443, files.example:8443]",
                ["WIDENS code-fix sandbox.egress.files.example:8443: \(rule) was absent"]
            ),
            (
                "egress: []",
                ["NARROWS code-fix sandbox.egress.proxy.packages.example:443: absent was \(rule)"]
            ),
            (
                "egress: [{host: proxy.packages.example, protocol: tcp, private: true, max_bytes_up: 1MiB}]",
                [
                    "NARROWS code-fix sandbox.egress.proxy.packages.example:443.max_bytes_up: 1048576 was 52428800",
                    "WIDENS code-fix sandbox.egress.proxy.packages.example:443.private: yes was no",
                    "WIDENS code-fix sandbox.egress.proxy.packages.example:443.protocol: tcp was tls",
                ]
            ),
            (
                "egress: [proxy.packages.example:443], isolation: reduced, minimum: reduced",
                [
                    "WIDENS code-fix sandbox.isolation: reduced was full",
                    "WIDENS code-fix sandbox.minimum: reduced was full",
                ]
            ),
            (
                "egress: [proxy.packages.example:443], limits: {wall: 1h, pids: 100}",
                [
                    "NARROWS code-fix sandbox.limits.pids: 100 was 512",
                    "WIDENS code-fix sandbox.limits.wall: 3600 was 1800",
                ]
            ),
            (
                "egress: [proxy.packages.example:443], read: [/opt/toolchain], workspace: {mode: ro}",
                [
                    #"WIDENS code-fix sandbox.read: ["/opt/toolchain"] was []"#,
                    "NARROWS code-fix sandbox.workspace.mode: ro was overlay",
                ]
            ),
            (
                "egress: [proxy.packages.example:443], secrets: [{name: NPM_TOKEN, from: \"commands:npm\"}]",
                ["WIDENS code-fix sandbox.secrets.NPM_TOKEN as env: commands:npm was absent"]
            ),
            (
                "egress: [proxy.packages.example:443], env: {TZ: UTC}",
                ["NOT COMPARABLE code-fix sandbox.env.TZ: UTC was absent"]
            ),
            (
                "egress: [proxy.packages.example:443], cli_may_widen: true, tty: never",
                [
                    "WIDENS code-fix sandbox.cli_may_widen: yes was no",
                    "NARROWS code-fix sandbox.tty: never was auto",
                ]
            ),
            (
                "egress: [proxy.packages.example:443], on_lease_loss: kill",
                ["NARROWS code-fix sandbox.on_lease_loss: kill was stop"]
            ),
        ]) func `say what is wider and what is narrower`(
            _ sandbox: String, _ expected: [String]
        ) throws
    {
        let found = lines(try acme(), try change(sandbox))
        #expect(found == expected)
    }

    @Test func `defaults that are written out change nothing`() throws {
        let same = try change(
            "isolation: full, minimum: full, backend: auto, read: [], env: {LANG: C.UTF-8}, tty: auto, on_lease_loss: stop, "
                + "egress: [{host: proxy.packages.example, ports: [443], protocol: tls}], "
                + "limits: {wall: 30m, cpu: 2, memory: 4GiB}, workspace: {mode: overlay, max_bytes: 2GiB}"
        )
        #expect(lines(try acme(), same) == [])
    }

    @Test func `fewer hidden names are wider`() throws {
        let found = lines(
            try acme(),
            try change("egress: [proxy.packages.example:443], workspace: {hide: [.env*, .ssh]}"))
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix(
                #"WIDENS code-fix sandbox.workspace.hide: [".env*",".ssh"] was ["#) == true)
    }

    @Test func `the network of the machine is wider for a server`() throws {
        func policy(_ sandbox: String) throws -> PolicySnapshot {
            try compiled(
                """
                interlock: 1
                org: acme
                kill_switch: org-wide, tested monthly
                servers:
                  desk:
                    tools: {look: {class: read}}
                    connect: {stdio: [/usr/bin/desk]\(sandbox)}
                """)
        }
        #expect(
            lines(try policy(""), try policy(", sandbox: {network: host}")) == [
                "WIDENS servers.desk.connect.sandbox.network: host was none"
            ])
        #expect(
            lines(try policy(", sandbox: {read: [/srv/a]}"), try policy("")) == [
                #"NARROWS servers.desk.connect.sandbox.read: [] was ["/srv/a"]"#
            ])
        #expect(lines(try policy(", sandbox: mcp"), try policy("")) == [])
    }

    /// The lock has the names of a server's variables, and the sign-off of a policy covers where their values come from
    /// (docs/decisions/0122).
    @Test(
        .requirement("R029", "R035", "R082"),
        arguments: [
            (
                #"{name: TOKEN, from: "env:desk", as: env}"#,
                [
                    "NOT COMPARABLE servers.desk.connect.sandbox.secrets.TOKEN as env: "
                        + "env:desk was files:desk"
                ]
            ),
            (
                #"{name: TOKEN, from: "files:other", as: env}"#,
                [
                    "NOT COMPARABLE servers.desk.connect.sandbox.secrets.TOKEN as env: "
                        + "files:other was files:desk"
                ]
            ),
            (
                #"{name: TOKEN, from: "files:desk", as: env}, {name: key, from: "commands:key", as: file}"#,
                ["WIDENS servers.desk.connect.sandbox.secrets.key as file: commands:key was absent"]
            ),
        ])
    func `another source of a server's secret is reported, and takes two people`(
        _ secrets: String, _ expected: [String]
    ) throws {
        func policy(_ secrets: String) throws -> PolicySnapshot {
            try compiled(
                """
                interlock: 1
                org: acme
                kill_switch: org-wide, tested monthly
                servers:
                  desk:
                    tools: {look: {class: read}}
                    connect: {stdio: [/usr/bin/desk], sandbox: {secrets: [\(secrets)]}}
                """)
        }
        let old = try policy(#"{name: TOKEN, from: "files:desk", as: env}"#)
        let new = try policy(secrets)
        #expect(lines(old, new) == expected)
        let comparison = RevisionComparison(.compare(old, new, at: exampleTime))
        #expect(comparison.signersNeeded == 2)
    }

    @Test func `the worst case names hosts, paths, secrets and what weakens them`() throws {
        let policy = try change(
            "isolation: full, minimum: reduced, read: [/opt/toolchain], "
                + "secrets: [{name: NPM_TOKEN, from: \"commands:npm\"}], "
                + "models: [{name: main, upstream: \"https://models.example/v1\", key: \"commands:m\"}], "
                + "egress: [{host: db.example, ports: [5432], protocol: tcp, private: true}]")
        let name = try #require(AgentName("code-fix"))
        let agent = try #require(policy.agents[name])
        let reach = SandboxReach(agent)
        #expect(reach.hosts == ["db.example:5432 (tcp, private)"])
        #expect(reach.outside == ["db.example:5432", "models.example:443"])
        #expect(
            reach.text == """
                sandbox by `interlock run` alone: can reach: 1 host, db.example:5432 (tcp, private); \
                models: main at https://models.example/v1; can read: the workspace, /opt/toolchain; \
                can write: a layer over the workspace; secrets: NPM_TOKEN; \
                isolation: full, at least reduced; \
                limits: 30m, 2 cpu, 4GiB of memory, 512 processes
                """)
        let change = try #require(
            WorstCaseChange(
                of: agent.name, from: try acme(), to: policy, .asWritten, at: exampleTime))
        let line = try #require(change.lines.first { $0.subject == "What its sandbox reads" })
        #expect(line.before == "the workspace")
        #expect(line.after == "the workspace, /opt/toolchain")
    }

    @Test func `an agent without a stated sandbox has the defaults`() throws {
        let policy = try oneClerk(tools: ["find"], scopes: "[read]")
        let name = try #require(AgentName("clerk"))
        let agent = try #require(policy.agents[name])
        #expect(SandboxReach(agent).text.hasPrefix("sandbox (not stated, so the defaults) by"))
        #expect(SandboxReach(agent).hosts.isEmpty)
    }
}
