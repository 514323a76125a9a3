import InterlockHosts
import Testing

/// Only the sections of a TOML file are read; nothing that may be a server is overlooked.
struct CodexFileTests {
    private let relay = RelayCommand(
        program: "/i", gateway: "http://g", tokenFile: "/t", server: nil)
    private let arguments = #"args = ["stdio", "--gateway", "http://g", "--token-file", "/t"]"#

    @Test func `sections are found, and one is only added at the end`() throws {
        let text =
            "[mcp_servers.docs]\ncommand = \"npx\"\n[mcp_servers.docs.env]\n"
            + "[mcp_servers.\"a b\"]\ncommand='/x/interlock'"
        let file = CodexFile(Array(text.utf8))
        #expect(file.entries.map(\.name) == ["docs", "a b"])
        #expect(file.entries.map(\.line) == [1, 4])
        #expect(file.entries.map(\.relay) == [nil, nil])
        let added = try #require(file.adding("interlock", relay))
        #expect(
            String(decoding: added, as: UTF8.self) == text
                + "\n\n[mcp_servers.interlock]\ncommand = \"/i\"\n\(arguments)\n")
        #expect(CodexFile(added).entries.last?.relay == relay)
        #expect(file.adding("docs", relay) == nil)
    }

    @Test(arguments: [
        ("[mcp_servers.\"a]b\"]", "a]b"), ("[mcp_servers.'a.b']", "a.b"),
        ("[ mcp_servers . x ] # mine", "x"), ("\t[\"mcp_servers\".x]\r", "x"),
        ("['mcp_servers'.\"x\"]\r\nurl = \"https://x\"\r\n[model]", "x"),
        ("a = 1\r\n[mcp_servers.x]\r\ncommand = \"y\"", "x"),
    ])
    func `a section is found in each way of writing it`(_ text: String, _ name: String) {
        let file = CodexFile(Array(text.utf8))
        #expect(file.entries.map(\.name) == [name])
        #expect(file.entries.map(\.relay) == [nil])
        #expect(!file.hasOtherForms)
    }

    @Test(arguments: [
        "mcp_servers = {}", "[mcp_servers]", "mcp_servers.x.command = \"y\"",
        "'mcp_servers' = {x = {command = \"y\"}}", "'mcp_servers'.x.command = \"y\"",
        " \"mcp_servers\".x.command = \"y\"", "[[mcp_servers.x]]", "[mcp_servers.\"a\\\"b\"]",
        "[mcp_servers.x", "[mcp_servers.x] y", "[mcp_servers.é]", "[profiles.p.mcp_servers.x]",
        "[\"mcp\\u005fservers\".x]", "\"mcp\\u005fservers\" = {}", "\u{feff}[mcp_servers.x]",
        "[mcp_servers.]", "a = 1\r\nmcp_servers = {}\r\n",
    ])
    func `what may be a server and is not read is said to be there`(_ text: String) {
        let file = CodexFile(Array(text.utf8))
        #expect(file.hasOtherForms, "\(text)")
        #expect(file.adding("interlock", relay) == nil)
    }

    @Test func `other settings are no servers`() {
        let text =
            "# mcp_servers\nmodel = \"x\"\n[projects.\"/home/me\"]\ntrust_level = \"trusted\"\n"
        let file = CodexFile(Array(text.utf8))
        #expect(file.entries.isEmpty && !file.hasOtherForms)
    }

    @Test(arguments: [
        "command = \"/i\"", "command = \"/i\"\nargs = [\"stdio\"]", "command = 3\nARGS",
        "command = \"/i\"\nARGS\nurl = \"https://x\"", "command = \"/i\"\nARGS\ncommand = \"/i\"",
        "command = \"/i\"\nARGS\n\"command\" = \"npx\"",
        "\"command\" = \"npx\"\nx = \"\"\"\ncommand = \"/i\"\nARGS\n\"\"\"",
        "command = \"/i\" # x\nARGS", "[other]\ncommand = \"/i\"\nARGS",
    ])
    func `a section that is not just the relay is none`(_ lines: String) {
        let text = "[mcp_servers.x]\n" + lines.replacing("ARGS", with: arguments)
        #expect(CodexFile(Array(text.utf8)).entries.first?.relay == nil, "\(text)")
    }
}
