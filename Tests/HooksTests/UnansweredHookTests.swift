import InterlockHooks
import InterlockJSON
import Testing

/// The refusal that is prepared before an answer is there (docs/decisions/0119).
@Suite struct `Hooks that end without an answer` {
    private static let roomBytes = 64 << 10

    private static func output(
        _ event: HookEvent, limitBytes: Int = roomBytes
    ) throws -> JSONValue? {
        let codec = try #require(event.host).codec
        return try codec.unansweredOutput(to: event, limitBytes: limitBytes).map {
            try JSONValue(parsing: $0, limits: .agent)
        }
    }

    private static func end(
        of tool: String, _ name: HookToolName, _ result: JSONValue
    ) -> HookEvent {
        HookEvent(
            host: .claudeCode, kind: .postTool, hostName: "PostToolUse", session: "s",
            tool: HookTool(hostName: tool, name: name, arguments: [:]),
            details: ["tool_response": result])
    }

    @Test func `what exit 2 refuses has no other end, and what it does not stop has one`() throws {
        for host in HookHost.allCases {
            for fact in host.facts.events {
                let event = HookEvent(
                    host: host, kind: fact.kind, hostName: fact.name, session: "s")
                let output = try Self.output(event)
                let label = "\(host) \(fact.name)"
                switch fact.stops {
                case .call, .prompt, .nothing:
                    // Codex cannot withhold a result, and its turn ends instead.
                    let isEnded = host == .codex && fact.kind == .postTool
                    #expect((output != nil) == isEnded, "\(label)")
                case .turn: #expect(output?["continue"] == false, "\(label)")
                // Gemini CLI hides a result by exit 2.
                case .result: #expect((output == nil) == (host == .geminiCLI), "\(label)")
                }
            }
        }
    }

    @Test func `a result of Claude Code is withheld in its shape, and the turn ends`() throws {
        let result: JSONValue = ["stdout": "of the tool", "stderr": "", "interrupted": false]
        let output = try #require(try Self.output(Self.end(of: "Bash", .shell, result)))
        #expect(output["continue"] == false && output["decision"] == "block")
        let specific = try #require(output["hookSpecificOutput"])
        #expect(specific["hookEventName"] == "PostToolUse")
        #expect(
            specific["updatedToolOutput"]
                == ["stdout": "[withheld]", "stderr": "[withheld]", "interrupted": false])
        let reason = try #require(output["reason"]?.string)
        #expect(reason.hasPrefix("interlock: denied (hook-failed) "))
    }

    @Test func `a text takes the place of a result whose copy is too large`() throws {
        let names = [JSONValue](repeating: "a", count: 10_000)
        let event = Self.end(of: "Glob", .search, ["filenames": .array(names)])
        let shaped = try #require(try Self.output(event, limitBytes: 1 << 20))
        #expect(shaped["hookSpecificOutput"]?["updatedToolOutput"]?["filenames"] != nil)
        let plain = try #require(try Self.output(event))
        #expect(plain["continue"] == false)
        #expect(plain["hookSpecificOutput"]?["updatedToolOutput"] == "[withheld]")
        #expect(try Self.output(event, limitBytes: 100) == nil)
    }

    @Test func `the output of each end of a tool is small, whatever the host says`() throws {
        for host in HookHost.allCases {
            for fact in host.facts.events where fact.kind == .postTool {
                let event = HookEvent(
                    host: host, kind: fact.kind, hostName: fact.name,
                    session: String(repeating: "s", count: HookLimits.name))
                let output = host.codec.unansweredOutput(to: event, limitBytes: .max)
                #expect((output?.count ?? 0) < 4096, "\(host) \(fact.name)")
            }
        }
    }
}
