import InterlockHooks
import InterlockJSON
import Testing

@Suite struct `Events of hosts` {
    @Test func `an input is bounded in size and depth`() throws {
        let head =
            #"{"hook_event_name":"PreToolUse","session_id":"s","cwd":"/w","tool_name":"Bash","#
        let codec = ClaudeCodeCodec()
        func event(_ arguments: String) throws(HookInputError) -> HookEvent {
            try codec.event(
                from: Array((head + "\"tool_input\":{\"a\":\(arguments)}}").utf8), named: nil,
                environment: [:])
        }
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        let deep = try event(nested(126))
        #expect(try HookEvent(wire: deep.wire) == deep)
        #expect(throws: HookInputError.self) { try event(nested(127)) }
        let room = HookLimits.inputBytes - head.utf8.count - 22
        let large = try event("\"" + String(repeating: "x", count: room) + "\"")
        #expect(large.wire.count <= HookLimits.wireBytes)
        #expect(try HookEvent(wire: large.wire) == large)
        #expect(throws: HookInputError.self) {
            try event("\"" + String(repeating: "x", count: room + 1) + "\"")
        }
    }

    @Test func `a name that only looks like one of the table is another tool`() throws {
        for name in ["bash", "BASH", "Bash ", "Bas\u{200b}h", "tas\u{212a}", "TasK", "mcp__a"] {
            for host in [HookHost.claudeCode, .codex] {
                let text =
                    #"{"hook_event_name":"PreToolUse","session_id":"s","cwd":"/w","tool_input":{},"#
                    + "\"tool_name\":\"\(name)\"}"
                let event = try host.codec.event(
                    from: Array(text.utf8), named: nil, environment: [:])
                #expect(event.tool?.name == .other, "\(name)")
            }
        }
    }

    @Test func `the event of the command line must be the one of the payload`() {
        let text = Array(#"{"hook_event_name":"Stop","session_id":"s"}"#.utf8)
        #expect(throws: HookInputError.otherEvent) {
            try CodexCodec().event(from: text, named: "PreToolUse", environment: [:])
        }
    }

    @Test func `the facts of each host list each event and tool once, and name what is verified`() {
        for host in HookHost.allCases {
            let facts = host.facts
            #expect(facts.host == host && host.codec.host == host)
            #expect(Set(facts.events.map { ExactText($0.name) }).count == facts.events.count)
            #expect(Set(facts.tools.map { ExactText($0.name) }).count == facts.tools.count)
            #expect(facts.events.contains { $0.kind == .preTool && $0.isRegistered })
            #expect(facts.timing.deadline < facts.timing.timeout)
            #expect(facts.timing.wait.map { $0 < facts.timing.deadline } ?? (host == .copilot))
            #expect(facts.isVerified == (host == .claudeCode))
        }
        #expect(HookFacts.geminiCLI.timing.number == 30_000)
        #expect(HookFacts.copilot.timing.number == 30)
        #expect(HookFacts.claudeCode.events.count == 34)
    }

    @Test func `a wire is read strictly`() throws {
        let event = HookEvent(host: .codex, kind: .other, hostName: "Stop", session: "s")
        let wire = String(decoding: event.wire, as: UTF8.self)
        #expect(try HookEvent(wire: Array(wire.utf8)) == event)
        let changes = [
            ("\"v\":1", "\"v\":2"), ("\"v\":1", "\"v\":1,\"w\":1"), ("\"codex\"", "\"Codex\""),
            ("\"other\"", "\"pre_tool\""), ("\"s\"", "\"\""), ("\"call\":null", "\"call\":1"),
            ("\"tool\":null", "\"tool\":{}"), ("\"details\":{}", "\"details\":[]"),
        ]
        for (from, to) in changes {
            let changed = wire.replacing(from, with: to, maxReplacements: 1)
            #expect(changed != wire)
            #expect(throws: HookWireError.self, "\(to)") {
                try HookEvent(wire: Array(changed.utf8))
            }
        }
        let verdicts = [
            #"{"v":1,"verdict":"Deny","reason":"r","text":""}"#,
            #"{"v":1,"verdict":"allow","reason":"r"}"#,
            #"{"v":1,"verdict":"allow","reason":"r","text":"","args":{}}"#,
            #"{"v":1,"verdict":"rewrite","reason":"r","text":""}"#,
            #"{"v":1,"verdict":"rewrite","reason":"r","text":"","args":[]}"#,
            #"{"v":1,"verdict":"allow","reason":"r","text":"","result":1}"#,
            #"{"v":1,"verdict":"allow","reason":"","text":""}"#,
            #"{"v":1,"verdict":"allow","reason":"r","text":""} {}"#,
        ]
        for text in verdicts {
            #expect(throws: HookWireError.self, "\(text)") {
                try HookVerdict(wire: Array(text.utf8))
            }
        }
    }
}
