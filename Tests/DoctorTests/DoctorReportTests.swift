import InterlockDoctor
import InterlockHooks
import InterlockHostSettings
import InterlockHosts
import Testing

/// Each check with a good fact, and with one that makes it fail or leaves it unknown.
struct DoctorReportTests {
    @Test func `an installation that holds is good`() throws {
        let installation = try Installation()
        #expect(installation.failed.isEmpty)
        #expect(DoctorReport.outcome(of: [installation.report]) == .good)
        #expect(installation.checks(.hooks)[0].verdict == .enforced(at: .managedSettings))
    }

    @Test(arguments: ["", "\n \t", "{", "[]", "{\"a\":1,\"a\":2}", "\u{0}", "fi", "{\"hooks\":[]}"])
    func `a managed file without strict settings fails`(_ text: String) throws {
        var installation = try Installation()
        installation.managed[0] = Installation.file(installation.managed[0].path, text: text)
        #expect(DoctorReport.outcome(of: [installation.report]) == .failed)
    }

    @Test
    func `an absent, unreadable or foreign managed file fails, and nothing is enforced by it`()
        throws
    {
        let path = try Installation().managed[0].path
        let bytes = Array("{}".utf8)
        for file in [
            FileFacts(path: path, content: .absent, steps: []),
            FileFacts(path: path, content: .unreadable("permission denied"), steps: []),
            Installation.file(path, bytes, owner: 1000),
            Installation.file(path, bytes, permissions: 0o664),
        ] {
            var installation = try Installation()
            installation.managed[0] = file
            #expect(installation.checks(.managedFile)[0].verdict == .failed)
            #expect(installation.checks(.environment)[0].verdict == .guidance)
            #expect(installation.checks(.ownSettings)[0].verdict == .guidance)
        }
    }

    @Test(arguments: [
        ("\"type\":\"command\"", "\"type\":\"http\"", DoctorCheckName.handlers),
        ("\"type\":\"command\"", "\"async\":true,\"type\":\"command\"", .handlers),
        ("\"type\":\"command\"", "\"type\":\"Command\"", .handlers),
        ("\"timeout\":30", "\"timeout\":25", .hooks),
        ("\"timeout\":30", "\"timeout\":-1", .handlers),
        ("\"onFailure\":\"block\"", "\"onFailure\":\"Block\"", .hooks),
        ("\"matcher\": \"*\"", "\"matcher\": \"Bash\"", .hooks),
        ("\"PreToolUse\"", "\"pretooluse\"", .handlers),
        ("\"allowManagedHooksOnly\": true", "\"allowManagedHooksOnly\": 1", .settings),
        ("\"disable\"", "\"enable\"", .settings),
        ("\"disableAutoMode\": \"disable\",", "", .settings),
        ("\"disableAutoMode\": \"disable\"", "\"disableAutoMode\": false", .settings),
        ("\"hooks\": {", "\"disableAllHooks\": true, \"hooks\": {", .settings),
    ])
    func `a hook or a setting by which the host opens fails`(
        _ old: String, _ new: String, _ name: DoctorCheckName
    ) throws {
        var installation = try Installation()
        installation.edit(old, new)
        #expect(installation.failed.contains(name))
    }

    @Test func `a hook of others in the managed file is named, and not judged`() throws {
        var installation = try Installation()
        installation.edit(
            "\"hooks\": [{",
            "\"hooks\": [{\"type\":\"command\",\"command\":\"/opt/audit\"},{")
        #expect(installation.failed.isEmpty)
        #expect(installation.checks(.handlers)[0].verdict == .guidance)
    }

    @Test func `the program of the hook must refuse an empty event`() throws {
        let file = Installation.file("/usr/bin/interlock-hook", [])
        let trials: [ProgramFacts] = [
            .ended(code: 0, output: [], errors: []), .ended(code: 2, output: [], errors: []),
            .ended(code: 139, output: [], errors: []), .absent, .failed("took longer than 10 s"),
        ]
        for trial in trials {
            var installation = try Installation()
            installation.adapter = .init(file: file, trial: trial)
            #expect(installation.failed == [.adapter])
        }
        var installation = try Installation()
        let absent = FileFacts(path: file.path, content: .absent, steps: [])
        installation.adapter = .init(file: absent, trial: .absent)
        #expect(installation.failed == [.adapter])
    }

    @Test func `a policy helper that prints no policy, or nothing in time, fails`() throws {
        let outputs: [ProgramFacts] = [
            .ended(code: 0, output: Array("{}".utf8), errors: []),
            .ended(code: 0, output: Array("{\"managedSettings\":{}}".utf8), errors: []),
            .ended(code: 0, output: [], errors: []), .ended(code: 1, output: [], errors: [0]),
            .failed("took longer than 5 s"), .absent,
        ]
        for output in outputs {
            var installation = try Installation()
            installation.policyHelper = output
            #expect(installation.failed == [.policyHelper])
        }
    }

    @Test(arguments: [
        ("2.1.100", DoctorVerdict.failed), ("99.0", .guidance), ("", .unknown), ("new", .unknown),
        ("2..1", .unknown), ("1.2.3.4.5", .unknown),
    ])
    func `a version is compared by its numbers`(_ text: String, _ verdict: DoctorVerdict) throws {
        var installation = try Installation()
        installation.version = .ended(code: 0, output: Array(text.utf8), errors: [])
        #expect(installation.checks(.hostVersion)[0].verdict == verdict)
    }

    @Test func `what cannot be found out is unknown, and a failure counts more`() throws {
        var installation = try Installation()
        installation.version = .absent
        #expect(DoctorReport.outcome(of: [installation.report]) == .unknown)
        installation.user = .init(id: 0, isRootMapped: true)
        #expect(installation.checks(.user)[0].verdict == .unknown)
        installation.gateway = .failed("refused")
        #expect(DoctorReport.outcome(of: [installation.report]) == .failed)
        #expect(DoctorReport.outcome(of: []) == .unknown)
    }

    @Test func `the user's own settings may not allow, nor switch hooks off`() throws {
        let path = "/home/me/.claude/settings.json"
        let cases: [(String, DoctorVerdict)] = [
            ("{\"disableAllHooks\":true}", .failed), ("{", .failed), ("{\"hooks\":1}", .failed),
            ("{\"hooks\":{\"Stop\":[{\"hooks\":[{\"command\":\"echo allow\"}]}]}}", .failed),
            (
                "{\"hooks\":{\"Stop\":[{\"hooks\":[{\"command\":\"date\"}]}]}}",
                .enforced(at: .managedSettings)
            ),
            ("", .enforced(at: .managedSettings)), ("{}", .enforced(at: .managedSettings)),
        ]
        for (text, verdict) in cases {
            var installation = try Installation()
            installation.ownSettings = [Installation.file(path, text: text)]
            #expect(installation.checks(.ownSettings)[0].verdict == verdict)
        }
        var installation = try Installation()
        installation.ownSettings = [Installation.file(path, text: cases[4].0)]
        installation.edit("\"allowManagedHooksOnly\": true", "\"allowManagedHooksOnly\": false")
        #expect(installation.checks(.ownSettings)[0].verdict == .failed)
    }

    @Test(arguments: [true, false])
    func `Interlock's own hooks where a user has hooks are no hooks of others`(
        isRun: Bool
    ) throws {
        let location = HostSettings.Location.machine(
            gateway: "http://127.0.0.1:7400/mcp", hidden: [])
        let files =
            isRun
            ? HostSettings(inRun: .copilot, model: nil).files
            : try HostSettings(.copilot, location, scope: .user).files
        let content = try #require(files.last?.content)
        let path = "/home/me/.copilot/hooks/interlock.json"
        var installation = try Installation()
        installation.host = .copilot
        installation.user = .init(id: 1000, isRootMapped: !isRun)
        installation.ownSettings = [Installation.file(path, content)]
        #expect(installation.checks(.ownSettings).map(\.verdict) == [.guidance])
        let more = String(decoding: content, as: UTF8.self).replacing(
            "\"preToolUse\": [{", with: "\"preToolUse\": [{\"exec\":\"/bin/true\"},{")
        installation.ownSettings = [Installation.file(path, text: more)]
        #expect(installation.checks(.ownSettings)[0].verdict == .failed)
    }

    @Test func `a server counts as the gateway by its address, never by its name`() throws {
        let cases: [(String, DoctorVerdict)] = [
            ("\"interlock\":{\"command\":\"x\"}", .failed),
            ("\"Inter-Lock\":{\"url\":\"http://127.0.0.1:1/mcp\"}", .failed),
            (
                "\"interlock\":{\"url\":\"http://127.0.0.1:7400/mcp\"}",
                .enforced(at: .managedSettings)
            ),
            ("\"files\":{\"command\":\"npx\"}", .enforced(at: .managedSettings)),
        ]
        for (entry, verdict) in cases {
            var installation = try Installation()
            let file = Installation.file("/p/.mcp.json", text: "{\"mcpServers\":{\(entry)}}")
            installation.serverLists = [.init(kind: .claudeCode, file: file)]
            #expect(installation.checks(.serverList)[0].verdict == verdict)
        }
        var installation = try Installation()
        let file = Installation.file("/p/.mcp.json", text: "{\"mcpServers\":{\(cases[3].0)}}")
        installation.serverLists = [.init(kind: .claudeCode, file: file)]
        installation.managedServers = FileFacts(path: "/etc/x", content: .absent, steps: [])
        #expect(installation.failed == [.managedServers, .serverList])
    }

    /// The lists of other hosts, which no managed one replaces.
    @Test(arguments: [
        (HookHost.cursor, "{\"mcpServers\":{\"a\":{\"url\":\"URL\"}}}", true),
        (.cursor, "{\"mcpServers\":{\"a\":{\"url\":\"URL/files\"}}}", true),
        (.cursor, "{\"mcpServers\":{\"a\":{\"url\":\"URL2\"}}}", false),
        (.cursor, "{\"mcpServers\":{\"a\":{\"url\":\"URL/files/x\"}}}", false),
        (.cursor, "{\"mcpServers\":{\"a\":{\"command\":\"npx\",\"url\":\"URL\"}}}", false),
        (.geminiCLI, "{\"mcpServers\":{\"a\":{\"httpUrl\":\"URL\"}}}", true),
        (.geminiCLI, "{\"mcpServers\":{\"a\":{\"url\":\"URL\"}}}", true),
        (.geminiCLI, "{\"mcpServers\":{\"a\":{\"httpUrl\":\"http://x/\",\"url\":\"URL\"}}}", false),
        (.geminiCLI, "{\"mcpServers\":{\"a\":{\"httpUrl\":[\"URL\"]}}}", false),
        (.codex, "[mcp_servers.a]\nurl = \"URL\"\nbearer_token_env_var = \"T\"\n", true),
        (.codex, "[mcp_servers.a]\nurl = \"URL\"\ncommand = \"npx\"\n", false),
        (.codex, "[mcp_servers.a]\nurl = \"URL\"\nurl = \"http://x/\"\n", false),
        (.codex, "[mcp_servers.a]\ncommand = \"npx\"\n", false),
    ])
    func `the gateway's own entry is known by the address of the agent plane`(
        _ host: HookHost, _ text: String, _ isGateway: Bool
    ) throws {
        let address = "http://127.0.0.1:7400/mcp"
        let kinds: [HookHost: HostKind] = [
            .cursor: .cursor, .geminiCLI: .geminiCLI, .codex: .codex,
        ]
        let machine = try #require(try Installation().managedServers)
        let configured = DoctorFacts.AgentPlane(machine: nil, configured: address)
        for plane in [configured, .init(machine: machine, configured: nil)] {
            var installation = try Installation()
            installation.host = host
            installation.managedServers = nil
            installation.agentPlane = plane
            let parts = text.split(separator: "URL", omittingEmptySubsequences: false)
            let file = Installation.file("/home/me/list", text: parts.joined(separator: address))
            installation.serverLists = [.init(kind: try #require(kinds[host]), file: file)]
            let check = installation.checks(.serverList)[0]
            #expect(check.verdict == (isGateway ? .guidance : .failed), "\(check.cause)")
            // Nothing is known without a trusted address to be the gateway.
            let foreign = FileFacts(
                path: machine.path, content: machine.content,
                steps: [.init(path: machine.path, owner: 1000, permissions: 0o644)])
            installation.agentPlane = .init(machine: foreign, configured: nil)
            #expect(installation.checks(.serverList)[0].verdict == .failed)
        }
    }

    @Test func `the log's key is enforced where another user than the gateway's has it`() throws {
        let cases: [(DoctorFacts.LogKey, DoctorVerdict)] = [
            (.signer(owner: 991, gateway: 990), .enforced(at: .signer)),
            (.signer(owner: 990, gateway: 990), .guidance), (.gateway, .guidance),
            (.signer(owner: 991, gateway: 990, wasTreeDamaged: true), .guidance),
            (.notAsked, .guidance), (.failed("no socket"), .unknown),
        ]
        for (key, verdict) in cases {
            var installation = try Installation()
            installation.logKey = key
            #expect(installation.checks(.logKey).map(\.verdict) == [verdict])
        }
    }

    @Test func `the newest event is judged by its age, and is no failure`() throws {
        let day = Duration.seconds(24 * 3600)
        let cases: [(DoctorFacts.LastEvent, DoctorVerdict, String)] = [
            (.notAsked, .guidance, "not read"), (.none, .guidance, "no event of this host"),
            (.failed("no index"), .unknown, "cannot be read: no index"),
            (.before(.seconds(60)), .enforced(at: .gateway), "60 s ago"),
            (.before(day), .enforced(at: .gateway), "86400 s ago"),
            (.before(day + .nanoseconds(1)), .guidance, "more than 24 hours ago"),
        ]
        for (event, verdict, cause) in cases {
            var installation = try Installation()
            installation.lastEvent = event
            let check = installation.checks(.lastEvent)[0]
            #expect(check.verdict == verdict && check.cause.hasPrefix(cause), "\(check.cause)")
        }
    }

    @Test func `a sandbox that cannot be made fails, and one that could is guidance`() throws {
        let cases: [(isPossible: Bool, isInside: Bool, user: UInt32, verdict: DoctorVerdict)] = [
            (true, true, 1000, .enforced(at: .sandbox)), (true, false, 1000, .guidance),
            (false, false, 1000, .failed), (true, false, 0, .unknown), (false, false, 0, .unknown),
        ]
        for one in cases {
            var installation = try Installation()
            installation.user = .init(id: one.user, isRootMapped: true)
            installation.sandbox = .init(
                isPossible: one.isPossible, isInside: one.isInside, detail: "no namespaces")
            let check = installation.checks(.sandbox)[0]
            #expect(check.verdict == one.verdict)
            #expect(one.user == 0 || check.cause.contains("no namespaces"))
            #expect(installation.failed == (one.verdict == .failed ? [.sandbox] : []))
        }
    }

    @Test
    func `a variable that moves managed settings fails, and one that moves the user's is named`()
        throws
    {
        var installation = try Installation()
        installation.variables = ["CLAUDE_CONFIG_DIR"]
        #expect(installation.checks(.environment)[0].verdict == .guidance)
        installation.host = .geminiCLI
        installation.variables = ["GEMINI_CLI_SYSTEM_SETTINGS_PATH"]
        #expect(installation.checks(.environment)[0].verdict == .failed)
    }

    @Test func `the endpoint must be root's and name a gateway of another user`() throws {
        for text in ["", "{}", "{\"socket\":\"x\"}", "\u{0}"] {
            var installation = try Installation()
            installation.endpoint = Installation.file("/etc/interlock/hook.json", text: text)
            #expect(installation.failed == [.endpoint])
        }
        var installation = try Installation()
        installation.gateway = .answers(owner: 1000)
        #expect(installation.checks(.gateway)[0].verdict == .guidance)
    }

    @Test func `without an id for root only a read-only mount counts`() throws {
        let step = FileFacts.Step(path: "/etc/x", owner: 65_534, permissions: 0o644)
        for isReadOnly in [false, true] {
            var installation = try Installation()
            installation.user = .init(id: 1000, isRootMapped: false)
            let bytes = Array(#"{"route":"http://127.0.0.1:3128/hook/v1/event"}"#.utf8)
            installation.endpoint = FileFacts(
                path: "/etc/x", content: .bytes(bytes), steps: [step], isReadOnly: isReadOnly)
            let verdict = installation.checks(.endpoint)[0].verdict
            #expect(verdict == (isReadOnly ? .enforced(at: .hook) : .failed))
        }
    }

    @Test func `a host that was never tested enforces nothing`() throws {
        for host in HookHost.allCases where host != .claudeCode {
            var installation = try Installation()
            installation.host = host
            installation.managedServers = nil
            let points = installation.report.checks.compactMap(\.verdict.point)
            #expect(!points.contains(.managedSettings))
        }
    }
}
