import InterlockHooks
import InterlockJSON
import Testing

/// The calls of which Cursor sends several events (docs/specs/coding-agents.md, section 4).
@Suite struct CursorCallTests {
    private func event(
        _ name: String, _ tool: HookToolName, _ arguments: JSONObject,
        kind: HookEventKind = .preTool, host: HookHost = .cursor, generation: String? = "g1"
    ) -> HookEvent {
        HookEvent(
            host: host, kind: kind, hostName: name, session: "s1", workingDirectory: "/workspace",
            prompt: generation, tool: HookTool(hostName: "Tool", name: tool, arguments: arguments))
    }

    @Test(arguments: [
        ("beforeShellExecution", #"{"command":"ls","cwd":""}"#, HookToolName.shell),
        ("beforeReadFile", #"{"file_path":"/a","content":""}"#, .read),
        ("afterFileEdit", #"{"file_path":"/a","edits":[]}"#, .edit),
    ])
    func `preToolUse has the form that the event of a kind of tool is read in`(
        _ name: String, _ members: String, _ tool: HookToolName
    ) throws {
        let bytes = Array(
            #"{"hook_event_name":"\#(name)","conversation_id":"s1","generation_id":"g1","#.utf8)
        let further = try CursorCodec().event(
            from: bytes + Array(members.utf8).dropFirst(), named: nil, environment: [:])
        #expect(further.callKeys.count == 1)
        var arguments = try #require(further.tool).arguments
        arguments["more"] = 5
        var first = event("preToolUse", tool, arguments)
        first.workingDirectory = further.workingDirectory
        #expect(first.callKeys.count == 2 && first.callKeys.last == further.callKeys.first)
    }

    @Test func `fewer arguments are one form, and so are those of an end`() {
        #expect(event("preToolUse", .shell, ["command": "ls"]).callKeys.count == 1)
        #expect(event("preToolUse", .search, ["a": 1, "b": 2]).callKeys.count == 1)
        #expect(event("preToolUse", .shell, ["a": 1, "b": 2]).callKeys.count == 1)
        let whole: JSONObject = ["command": "ls", "b": 2]
        #expect(event("postToolUse", .shell, whole, kind: .postTool).callKeys.count == 1)
    }

    @Test func `other hosts, MCP tools, unknown events and events of no generation have no form`() {
        let whole: JSONObject = ["command": "ls"]
        #expect(event("preToolUse", .shell, whole, host: .copilot).callKeys.isEmpty)
        #expect(event("preToolUse", .shell, whole, generation: nil).callKeys.isEmpty)
        #expect(event("beforeAnything", .shell, whole).callKeys.isEmpty)
        let tool = HookToolName.mcp(server: "desk", tool: "look")
        #expect(event("beforeMCPExecution", tool, whole).callKeys.isEmpty)
    }
}
