import InterlockHooks
import InterlockJSON
import InterlockTesting
import Testing

/// The rules that every answer keeps, whatever host, event and verdict.
@Suite struct `Answers to hooks` {
    private static let rounds = 4000

    @Test
    func `no verdict but allow ends with exit 0 without a form that binds the host`() throws {
        var chance = SeededGenerator.announced()
        for _ in 0..<Self.rounds {
            let event = Self.event(&chance)
            let verdict = Self.verdict(&chance)
            let host = try #require(event.host)
            let answer = host.codec.answer(verdict, to: event)
            let label = "\(host) \(event.hostName) \(verdict.decision)"
            #expect(Self.isWellFormed(answer), "\(label)")
            guard verdict.decision != .allow else {
                #expect(answer.exit == .allow, "\(label)")
                #expect(!Self.binds(answer, event, verdict), "\(label)")
                continue
            }
            #expect(answer.exit == .deny || Self.binds(answer, event, verdict), "\(label)")
        }
    }

    @Test
    func `no answer about a call ends the session instead of refusing, and none is asynchronous`()
        throws
    {
        var chance = SeededGenerator.announced()
        for _ in 0..<Self.rounds {
            let event = Self.event(&chance)
            let host = try #require(event.host)
            let answer = host.codec.answer(Self.verdict(&chance), to: event)
            guard !answer.output.isEmpty else { continue }
            let output = try JSONValue(parsing: answer.output, limits: .agent)
            #expect(output["async"] == nil)
            if event.kind == .preTool { #expect(output["continue"] == nil) }
        }
    }

    @Test func `a host that can ask its user has to, and no other host can`() throws {
        var chance = SeededGenerator.announced()
        for _ in 0..<Self.rounds {
            let event = Self.event(&chance)
            let verdict = HookVerdict(.ask, reason: "r", text: "t")
            let host = try #require(event.host)
            let answer = host.codec.answer(verdict, to: event)
            let label = "\(host) \(event.hostName)"
            if event.canAskUser {
                #expect(answer.exit == .allow && Self.binds(answer, event, verdict), "\(label)")
                #expect(event.kind == .preTool && event.isAttended != false, "\(label)")
            }
            if host == .codex || host == .geminiCLI {
                #expect(!event.canAskUser && answer.exit == .deny || event.kind != .preTool)
            }
        }
    }

    @Test func `a refusal without an event is exit 2 or ends the session`() {
        for host in HookHost.allCases {
            let line = HookLine(reason: "unreachable", text: "cannot connect to the gateway")
            let names = host.facts.events.map(\.name) + ["preToolUse", "unknown"]
            for name in names.map(Optional.some) + [nil] {
                let answer = host.codec.refusal(line, eventNamed: name)
                #expect(Self.isWellFormed(answer))
                let stops = name.flatMap { host.facts.event(named: $0)?.stops }
                let kind = name.flatMap { host.facts.event(named: $0)?.kind }
                if stops != .turn, kind != .postTool { #expect(answer.exit == .deny) }
            }
        }
    }

    @Test func `a line is bounded, plain and never empty`() {
        let hostile = String(repeating: "\u{1b}[2J\u{85}\u{2028}\u{202e}é", count: 5000)
        for text in ["", hostile, "\n\n", "\u{0}"] {
            let line = HookLine(reason: text, text: text, approval: text, record: text).text
            #expect(!line.isEmpty && line.utf8.count <= HookLimits.line)
            #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
            #expect(!line.contains("\u{202e}") && !line.contains("\u{2028}"))
        }
    }

    // MARK: Values

    private static func event(_ chance: inout SeededGenerator) -> HookEvent {
        let host = HookHost.allCases.randomElement(using: &chance) ?? .codex
        let fact = host.facts.events.randomElement(using: &chance)
        var event = HookEvent(
            host: host, kind: fact?.kind ?? .other, hostName: fact?.name ?? "New", session: "s")
        event.isAttended = [nil, true, false].randomElement(using: &chance) ?? nil
        let tool = host.facts.tools.randomElement(using: &chance)
        let isMCP = Bool.random(using: &chance)
        event.tool = HookTool(
            hostName: isMCP ? "mcp__s__t" : tool?.name ?? "x",
            name: isMCP ? .mcp(server: "s", tool: "t") : tool?.tool ?? .other,
            arguments: ["command": "a", "more": 1])
        let result = results.randomElement(using: &chance) ?? .null
        for key in ["tool_response", "toolResult", "tool_output"] { event.details[key] = result }
        return event
    }

    private static let results: [JSONValue] = [
        .null, "text", ["stdout": "a", "stderr": "", "interrupted": false],
        ["resultType": "success", "textResultForLlm": "a"], ["llmContent": "a"],
        [["type": "text", "text": "a"]],
    ]

    private static func verdict(_ chance: inout SeededGenerator) -> HookVerdict {
        let decisions: [HookDecision] = [
            .allow, .deny, .ask, .defer, .rewrite(["command": "b"]),
            .rewrite(["command": "b", "more": 2]),
            .redact(results.randomElement(using: &chance) ?? .null),
        ]
        return HookVerdict(
            decisions.randomElement(using: &chance) ?? .deny, reason: "r", text: "t",
            approval: Bool.random(using: &chance) ? "apr_1" : nil,
            isSandboxed: Bool.random(using: &chance))
    }

    // MARK: Rules

    private static func isWellFormed(_ answer: HookAnswer) -> Bool {
        let isObject =
            (try? JSONValue(parsing: answer.output, limits: .agent))?.object != nil
        guard answer.output.isEmpty || isObject else { return false }
        return answer.line.isEmpty == (answer.exit == .allow)
            && answer.line.utf8.count <= HookLimits.line
    }

    /// Returns true if the host acts on the output by other means than running the tool as it was asked.
    private static func binds(
        _ answer: HookAnswer, _ event: HookEvent, _ verdict: HookVerdict
    ) -> Bool {
        guard let output = try? JSONValue(parsing: answer.output, limits: .agent) else {
            return false
        }
        let specific = output["hookSpecificOutput"]
        if output["continue"]?.bool == false { return event.kind != .preTool }
        switch event.host {
        case .claudeCode, .codex:
            let decision = specific?["permissionDecision"]?.string ?? ""
            let isPaused = ["ask", "defer"].contains(decision) && event.host == .claudeCode
            let isChanged = decision == "allow" && specific?["updatedInput"] != nil
            return isPaused || isChanged || specific?["updatedToolOutput"] != nil
        case .geminiCLI:
            return output["decision"]?.string == "deny" || specific?["tool_input"] != nil
        case .cursor:
            return ["ask", "deny"].contains(output["permission"]?.string ?? "")
        case .copilot:
            return ["ask", "deny"].contains(output["permissionDecision"]?.string ?? "")
                || output["modifiedArgs"] != nil || output["modifiedResult"] != nil
        case nil: return false
        }
    }
}
