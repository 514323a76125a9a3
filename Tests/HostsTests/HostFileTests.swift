import InterlockHosts
import InterlockJSON
import Testing

/// An edit of a host's file writes the connections of the chosen entries and changes no other byte.
struct HostFileTests {
    private let relay = RelayCommand(
        program: "/bin/interlock", gateway: "http://127.0.0.1:7400/mcp", tokenFile: "/t",
        server: "g")
    private let command = #""command": "/bin/interlock""#
    private let arguments =
        #"["stdio", "--gateway", "http://127.0.0.1:7400/mcp", "--token-file", "/t", "--server", "g"]"#

    private func led(_ text: String, _ kind: HostKind, _ places: [Int] = [0]) throws -> String {
        let file = try HostFile(parsing: Array(text.utf8), kind: kind)
        let relays = Dictionary(uniqueKeysWithValues: places.map { ($0, relay) })
        return String(decoding: file.leading(relays), as: UTF8.self)
    }

    @Test func `of a command the words are replaced and the environment goes`() throws {
        let before = """
            {
              "mcpServers": {
                "git": {
                  "command": "mcp-server-git",
                  "args": ["--repository", "/srv/shop"],
                  "env": {
                    "TOKEN": "abc"
                  }
                },
                "other": {"command": "x"}
              },
              "theme":   "dark"
            }
            """
        let after = """
            {
              "mcpServers": {
                "git": {
                  \(command),
                  "args": \(arguments)
                },
                "other": {"command": "x"}
              },
              "theme":   "dark"
            }
            """
        #expect(try led(before, .claudeCode) == after)
    }

    @Test func `comments, commas, unknown keys and line ends stay`() throws {
        let before =
            "// mine\r\n{\r\n\t\"servers\": {\r\n\t\t\"a\": {\r\n\t\t\t\"type\": \"http\", // how\r\n"
            + "\t\t\t\"url\": \"https://a.example/mcp\", /* where */\r\n"
            + "\t\t\t\"headers\": {\"Authorization\": \"Bearer x\"},\r\n"
            + "\t\t\t\"dev\": {\"watch\": [1, 2,]},\r\n\t\t},\r\n\t},\r\n\t\"inputs\": [],\r\n}\r\n"
        let after =
            "// mine\r\n{\r\n\t\"servers\": {\r\n\t\t\"a\": {\r\n\t\t\t\"type\": \"stdio\", // how\r\n"
            + "\t\t\t\(command),\r\n\t\t\t\"args\": \(arguments), /* where */\r\n"
            + "\t\t\t\"dev\": {\"watch\": [1, 2,]},\r\n\t\t},\r\n\t},\r\n\t\"inputs\": [],\r\n}\r\n"
        #expect(try led(before, .vscode) == after)
    }

    @Test func `on one line commas stay where members do`() throws {
        let before = #"{"mcpServers":{"a":{"env":{"K":"v"},"command":"c","cwd":"/x","env2":1}}}"#
        let after = #"{"mcpServers":{"a":{\#(command), "args": \#(arguments),"env2":1}}}"#
        #expect(try led(before, .cursor) == after)
        let last = #"{"mcpServers":{"a":{"command":"c","args":[],"env":{}}}}"#
        #expect(
            try led(last, .cursor) == #"{"mcpServers":{"a":{\#(command),"args":\#(arguments)}}}"#)
    }

    @Test func `servers of single projects are found in the user's file of Claude Code`() throws {
        let text =
            #"{"projects": {"/p": {"mcpServers": {"x": {"command": "y"}}}}, "mcpServers": {"z": {"url": "https://z"}}}"#
        let file = try HostFile(parsing: Array(text.utf8), kind: .claudeCode)
        #expect(file.entries.map(\.name) == ["z", "x"])
        #expect(file.entries.map(\.project) == [nil, "/p"])
        #expect(try HostFile(parsing: Array(text.utf8), kind: .vscode).entries.isEmpty)
    }

    @Test(arguments: [
        (#"{"command": "c", "url": "u"}"#, "which one counts"), (#"{}"#, "neither"),
        ("3", "no object"),
        (#"{"type": "sse", "url": "https://x/sse"}"#, "Streamable HTTP"),
        (#"{"command": "c", "args": ["a", 1]}"#, "list of texts"),
        (#"{"command": "c", "envFile": ".env"}"#, "envFile"),
        (#"{"command": "c", "env": {"A": true}}"#, "env.A"), (#"{"command": ""}"#, "empty"),
        (#"{"type": "ws", "url": "wss://x"}"#, "not known"), (#"{"command": 1}"#, "no text"),
    ])
    func `what cannot be taken over is named, and the rest is read`(
        _ entry: String, _ reason: String
    ) throws {
        let text = #"{"mcpServers": {"bad": \#(entry), "good": {"command": "c"}}}"#
        let file = try HostFile(parsing: Array(text.utf8), kind: .claudeCode)
        guard case .refused(let found) = file.entries[0].definition else {
            Issue.record("\(entry) is taken over")
            return
        }
        #expect(found.contains(reason), "\(found)")
        #expect(
            file.entries[1].definition
                == .program(.init(command: "c", arguments: [], environment: [])))
    }

    @Test(arguments: [
        ("{\n\"mcpServers\": {\"a\": {}, \n\"a\": {}}}", 3), ("[]", 1), ("{\"mcpServers\": []}", 1),
        ("{\n/* open", 2), ("{\"mcpServers\": {\"a\": {,}}}", 1), ("", 1), ("{\"a\": 1,,}", 1),
    ])
    func `a file that hosts may read otherwise is refused with its line`(
        _ text: String, _ line: Int
    ) {
        do throws(HostFileError) {
            _ = try HostFile(parsing: Array(text.utf8), kind: .claudeCode)
            Issue.record("`\(text)` is read")
        } catch { #expect(error.line == line, "\(error)") }
    }

    @Test func `a server is added to a file with some, with none, and with nothing`() throws {
        let own = relay.entryJSON(.cursor)
        func added(_ text: String) throws -> String {
            let file = try HostFile(parsing: Array(text.utf8), kind: .cursor)
            return String(decoding: file.adding("interlock", relay), as: UTF8.self)
        }
        #expect(try added("{}") == "{\"mcpServers\": {\"interlock\": \(own)}}")
        #expect(
            try added("{\n  \"mcpServers\": {\n    \"a\": {}\n  }\n}")
                == "{\n  \"mcpServers\": {\n    \"a\": {},\n    \"interlock\": \(own)\n  }\n}")
        #expect(
            try added("{\"mcpServers\": {\"interlock\": {\"command\": \"old\"}, \"b\": {},}}")
                == "{\"mcpServers\": {\"interlock\": \(own), \"b\": {},}}")
        let fresh = HostFile.fresh("interlock", relay, kind: .vscode)
        let read = try HostFile(parsing: fresh, kind: .vscode)
        #expect(read.entries.map(\.relay) == [relay])
    }

    @Test(arguments: [
        #""command": "/x/interlock", "args": ["stdio"]"#,
        #""command": "/x/interlock", "args": ["stdio", "--gateway", "http://g"]"#,
        #""command": "c", "args": ["run", "--gateway", "http://g", "--token-file", "/t"]"#,
        #""command": "c", "args": ["stdio", "--gateway", "http://g", "--token-file", "/t", "--x", "y"]"#,
        #""url": "http://127.0.0.1:7400/mcp""#,
    ])
    func `what only looks like a relay is none`(_ members: String) throws {
        let text = #"{"mcpServers": {"a": {\#(members)}}}"#
        let file = try HostFile(parsing: Array(text.utf8), kind: .claudeCode)
        #expect(file.entries.map(\.relay) == [nil])
    }

    @Test(arguments: [
        ("/home/me/shop/.mcp.json", HostKind.claudeCode, "/home/me/shop"),
        ("/home/me/.claude.json", .claudeCode, ""),
        ("/home/me/.config/Claude/claude_desktop_config.json", .claudeDesktop, ""),
        ("/srv/shop/.vscode/mcp.json", .vscode, "/srv/shop"),
        ("/home/me/.config/Code/User/mcp.json", .vscode, ""),
        ("/home/me/.codex/config.toml", .codex, ""), ("/home/me/.cursor/mcp.json", .cursor, ""),
        ("/home/me/shop/.cursor/mcp.json", .cursor, "/home/me/shop"),
        ("/home/me/shop/.codex/config.toml", .codex, "/home/me/shop"),
    ])
    func `a host is known by its file`(_ path: String, _ kind: HostKind, _ folder: String) {
        #expect(HostKind(path: path) == kind)
        #expect(kind.projectFolder(of: path, home: "/home/me") ?? "" == folder)
        #expect(HostKind(path: "/home/me/mcp.json") == nil)
    }
}
