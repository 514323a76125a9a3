import InterlockCredentials
import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The settings of sandboxes with the defaults of their profiles (docs/specs/sandbox.md, sections 8 and 14).
@Suite struct `Settings of a sandbox` {
    /// Reads a policy of one agent and one stdio server; other sections come first.
    private static func document(_ sandbox: String, rest: String = "") throws -> PolicyDocument {
        let reading = PolicyReader.read(
            policyFiles(
                """
                interlock: 1
                org: acme
                \(rest)
                servers:
                  desk:
                    tools: {look: {class: read}}
                    connect: {stdio: [/usr/bin/desk]}
                agents:
                  a:
                    sandbox: \(sandbox)
                """))
        return try #require(reading.document, "\(reading.findings.reported.map(\.text))")
    }

    private static func settings(_ sandbox: String) throws -> SandboxSettings {
        let agent = try #require(try document(sandbox).agents.first)
        return try #require(agent.sandbox).settings
    }

    /// The table of section 8, written out here.
    private static func table() -> SandboxSettings {
        SandboxSettings(
            profile: .isolated, isolation: .full, minimum: .full, backend: .auto,
            toleratesMissingLandlock: false,
            workspace: SandboxWorkspace(
                mode: .overlay,
                hidden: [
                    "*.jks", "*.key", "*.p12", "*.pem", "*.pfx", "*.tfstate*", ".aws", ".docker",
                    ".env*", ".git-credentials", ".gnupg", ".kube", ".netrc", ".npmrc", ".pypirc",
                    ".ssh", "id_ecdsa*", "id_ed25519*", "id_rsa*",
                ], maxBytes: 2_147_483_648, onExit: .ask),
            read: [], writableCache: [], environment: ["LANG": "C.UTF-8"], passedVariables: [],
            secrets: [], egress: [], models: [], resolver: .system, network: .own,
            limits: SandboxLimits(
                wall: .seconds(1_800), cpu: 2, memory: 4_294_967_296, statesMemory: false,
                pids: 512, openFiles: 4_096, fileSize: 1_073_741_824, tmp: 536_870_912,
                requiresCgroup: false),
            allowsDebug: false, terminal: .auto, mayBeWidened: false)
    }

    @Test(
        .requirement("R029", "R076"),
        arguments: [
            "isolated", "{}", "{profile: isolated}", "isolated, network egress = none",
            "isolated, network egress = allowlist only", "{profile: isolated, egress: []}",
            "{env: {LANG: C.UTF-8}, workspace: {mode: overlay}, limits: {wall: 30m, cpu: 2}}",
        ]) func `what is left out has the defaults of the specification`(_ sandbox: String) throws
    {
        #expect(try Self.settings(sandbox) == Self.table())
    }

    @Test func `a stdio server has less`() throws {
        let document = try Self.document("isolated")
        let snapshot = try PolicySnapshot(
            compiling: document, with: testEngines, at: exampleTime, hashing: OpenSSLHashing())
        let name = try #require(ServerName("desk"))
        let server = try #require(snapshot.servers[name]).sandbox
        var expected = Self.table()
        expected.profile = .mcp
        expected.workspace.mode = .none
        expected.limits.wall = nil
        expected.limits.cpu = 1
        expected.limits.memory = 536_870_912
        expected.limits.pids = 128
        expected.terminal = .never
        #expect(server == expected)
    }

    private struct Change: Sendable {
        let key: String
        let text: String
        let apply: @Sendable (inout SandboxSettings) -> Void

        init(
            _ key: String, _ text: String,
            _ apply: @escaping @Sendable (inout SandboxSettings) -> Void
        ) {
            self.key = key
            self.text = text
            self.apply = apply
        }
    }

    /// One value for each key, with its effect on the settings.
    private static let changes = [
        Change("backend", "bwrap") { $0.backend = .bwrap },
        Change("allow_missing", "[landlock]") { $0.toleratesMissingLandlock = true },
        Change("read", "[/opt/b, /opt/a, /opt/b]") { $0.read = ["/opt/a", "/opt/b"] },
        Change("writable_cache", "[/home/agent/.cache/pip]") {
            $0.writableCache = ["/home/agent/.cache/pip"]
        },
        Change("env", "{TZ: UTC, PATH: /opt/a/bin}") {
            $0.environment = ["LANG": "C.UTF-8", "TZ": "UTC", "PATH": "/opt/a/bin"]
        },
        Change("pass_env", "[TERM, COLORTERM]") { $0.passedVariables = ["COLORTERM", "TERM"] },
        Change(
            "secrets",
            "[{name: NPM_TOKEN, from: \"commands:npm\"}, {name: key, from: \"files:k\", as: file}]"
        ) {
            $0.secrets = [
                SandboxSecret(name: "NPM_TOKEN", provider: .commands, source: "npm", form: .env),
                SandboxSecret(name: "key", provider: .files, source: "k", form: .file),
            ]
        },
        Change(
            "egress",
            "[\"b.example:8443\", {host: \"*.a.example\", ports: [9, 8, 9], private: true, ech: allow, max_bytes_up: 1MiB}]"
        ) {
            $0.egress = [
                EgressSpec(
                    host: "*.a.example", ports: [8, 9], content: .tls, admitsPrivate: true,
                    admitsEncryptedHello: true, maxBytesUp: 1_048_576),
                EgressSpec(
                    host: "b.example", ports: [8443], content: .tls, admitsPrivate: false,
                    admitsEncryptedHello: false, maxBytesUp: 52_428_800),
            ]
        },
        Change(
            "models",
            "[{name: main, upstream: \"https://models.example\", key: \"commands:models\"}]"
        ) {
            $0.models = [
                ModelProviderSpec(
                    name: "main", upstream: "https://models.example", provider: .commands,
                    source: "models")
            ]
        },
        Change("resolver", "[\"127.0.0.1:5353\"]") { $0.resolver = .servers(["127.0.0.1:5353"]) },
        Change(
            "workspace",
            "{mode: ro, hide: [.env], hide_extra: [x, a], max_bytes: 1MiB, on_exit: keep}"
        ) {
            $0.workspace = SandboxWorkspace(
                mode: .ro, hidden: [".env", "a", "x"], maxBytes: 1_048_576, onExit: .keep)
        },
        Change("limits", "{memory: 1GiB, nofile: 64, require_cgroup: true}") {
            $0.limits.memory = 1_073_741_824
            $0.limits.statesMemory = true
            $0.limits.openFiles = 64
            $0.limits.requiresCgroup = true
        },
        Change("allow_debug", "true") { $0.allowsDebug = true },
        Change("tty", "never") { $0.terminal = .never },
        Change("cli_may_widen", "true") { $0.mayBeWidened = true },
        Change("on_lease_loss", "kill") { $0.onLeaseLoss = .kill },
        Change("minimum", "reduced") { $0.minimum = .reduced },
        Change("network", "none") { _ in },
    ]

    @Test(.requirement("R029")) func `each key changes its own setting and no other`() throws {
        var random = SeededGenerator.announced()
        for round in 0..<60 {
            let chosen = Self.changes.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
            var expected = Self.table()
            for change in chosen { change.apply(&expected) }
            let text = chosen.map { "\($0.key): \($0.text)" }.joined(separator: ", ")
            let found = try Self.settings("{\(text)}")
            #expect(found == expected, "round \(round): \(text)")
        }
        #expect(Set(Self.changes.map(\.key)).count == Self.changes.count)
    }

    @Test func `every key of the format is among them`() {
        let tried = Set(Self.changes.map(\.key)).union(["profile", "isolation"])
        #expect(Set(PolicySchema.sandbox.fields.map(\.key)) == tried)
    }

    @Test func `the rules of every agent are added, and an agent's own rule holds`() throws {
        let document = try Self.document(
            "{egress: [{host: a.example, ports: [443], protocol: http}]}",
            rest: "defaults: {egress: [\"b.example:443\", {host: a.example, ports: [80, 443]}]}")
        let snapshot = try PolicySnapshot(
            compiling: document, with: testEngines, at: exampleTime, hashing: OpenSSLHashing())
        let name = try #require(AgentName("a"))
        let agent = try #require(snapshot.agents[name])
        #expect(
            agent.sandboxSettings.egress.map { "\($0.content) \($0.addresses)" } == [
                #"http ["a.example:443"]"#, #"tls ["a.example:80"]"#, #"tls ["b.example:443"]"#,
            ])
    }

    @Test func `plain sandboxes of thousands of agents are one object`() throws {
        let reading = try Self.document("{profile: isolated, egress: []}")
        let other = try Self.document("isolated")
        #expect(reading.agents.first?.sandbox === other.agents.first?.sandbox)
    }
}

/// The form of hosts in rules of egress (docs/specs/sandbox.md, section 7).
@Suite struct `The canonical form of a host` {
    @Test(arguments: [
        ("api.example.com", "api.example.com"), ("API.Example.com.", "api.example.com"),
        ("a-1.b2", "a-1.b2"), ("192.0.2.1", "192.0.2.1"), ("[2001:DB8::1]", "[2001:db8::1]"),
        ("[::]", "[::]"), ("[::1]", "[::1]"), ("[1:0:0:2:0:0:0:3]", "[1:0:0:2::3]"),
        ("[1:0:2:3:4:5:6:7]", "[1:0:2:3:4:5:6:7]"), ("[1::]", "[1::]"),
        ("[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7:0]"), ("x.0y", "x.0y"),
    ]) func `is one text`(_ text: String, _ canonical: String) throws {
        let host = try #require(CanonicalHost(text))
        #expect(host.text == canonical)
        #expect(CanonicalHost(canonical)?.text == canonical)
    }

    @Test(arguments: [
        "", ".", "..", "a..b", ".a", "-a.b", "a-.b", "a_b", "a b", "a\u{e9}.b", "127.1", "0x7f.0x1",
        "1.2.3.4.", "1.2.3.04", "256.1.1.1", "1.2.3.4.5", "1.2.3.0x4", "0", "[::1", "::1",
        "[fe80::1%eth0]", "[1::2::3]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]",
        "[1:2:3:4::5:6:7:8]", "[:1:2:3:4:5:6:7]", "[12345::]", "[::ffff:1.2.3.4]", "[]", "a:1",
        String(repeating: "a", count: 64) + ".b", String(repeating: "a.", count: 127) + "b",
    ]) func `is of hosts alone`(_ text: String) {
        #expect(CanonicalHost(text) == nil, "\(text)")
    }
}
