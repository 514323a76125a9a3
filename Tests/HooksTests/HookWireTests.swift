import InterlockHooks
import InterlockJSON
import Testing

@Suite struct `The wire of hooks` {
    @Test func `an event that was written is read again`() throws {
        let event = HookEvent(
            host: .claudeCode, hostVersion: "2.1.327", kind: .preTool, hostName: "PreToolUse",
            session: "5b1c", call: "toolu_01A", workingDirectory: "/workspace", mode: "default",
            prompt: "p-12", isAttended: false,
            tool: HookTool(
                hostName: "mcp__interlock__tickets__search",
                name: .mcp(server: "interlock", tool: "tickets__search"),
                arguments: ["query": "late"],
                server: HookServer(name: "interlock", command: ["a", "b"])),
            details: ["duration_ms": 12])
        let read = try HookEvent(wire: event.wire)
        #expect(read == event)
    }

    @Test func `the verdict of the specification is read`() throws {
        let text =
            #"{"v":1,"verdict":"deny","reason":"no-grant","rule":"no-grant","#
            + #""text":"no scope allows a push","approval":null,"record":"9f2c"}"#
        let verdict = try HookVerdict(wire: Array(text.utf8))
        let expected = HookVerdict(
            .deny, reason: "no-grant", rule: "no-grant", text: "no scope allows a push",
            record: "9f2c")
        #expect(verdict == expected)
        #expect(verdict.wire == Array(text.utf8))
    }
}
