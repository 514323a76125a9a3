import InterlockHooks
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// The parts of a tool's result that its reader does not get (docs/specs/coding-agents.md, section 7).
@Suite struct `Redaction of results` {
    private static let secret = "s3cr3t-value"

    /// Random results of any shape: a copy differs in the text of strings alone, and has no byte of a part.
    @Test func `a copy has the same shape, other strings, and nothing of a part`() throws {
        var chance = SeededGenerator.announced()
        var replaced = 0
        for _ in 0..<2000 {
            let result = Self.value(&chance, depth: 4)
            let texts = ResultTexts(result)
            var parts = ResultRedaction()
            var expected = texts.texts
            for index in texts.strings where Bool.random(using: &chance) {
                let bytes = Array(texts.texts[index].utf8)
                let start = Int.random(in: 0...bytes.count, using: &chance)
                let end = Int.random(in: start...bytes.count, using: &chance)
                parts.add(ResultRedaction.Removal(start..<end, "rule"), of: index)
                expected[index] =
                    String(decoding: bytes[..<start], as: UTF8.self) + "[redacted:rule]"
                    + String(decoding: bytes[end...], as: UTF8.self)
                replaced += 1
            }
            let copy = try #require(parts.applied(to: result, texts: texts))
            #expect(copy.hasShape(of: result))
            #expect(ResultTexts(copy).texts == expected)
        }
        #expect(replaced > 500)
    }

    @Test func `parts that overlap or touch become one`() throws {
        let result: JSONValue = ["a": "0123456789"]
        let texts = ResultTexts(result)
        func copy(_ ranges: [Range<Int>]) -> JSONValue? {
            var parts = ResultRedaction()
            for range in ranges { parts.add(ResultRedaction.Removal(range, "r"), of: 1) }
            return parts.applied(to: result, texts: texts)
        }
        #expect(copy([4..<6, 2..<5, 6..<7]) == ["a": "01[redacted:r]789"])
        #expect(copy([0..<10]) == ["a": "[redacted:r]"])
        #expect(copy([0..<2, 8..<99]) == ["a": "[redacted:r]234567[redacted:r]"])
    }

    /// A server gets the canonical form, whose digits another spelling hides.
    @Test(arguments: [
        ("4539788403885421e0", "4539788403885421 4539788403885421e0"), ("1.5", "1.5"),
        ("45397884038854210e-1", "4539788403885421 45397884038854210e-1"), ("7", "7"),
        ("1.50", "1.5 1.50"),
    ])
    func `a number is searched as a server gets it and as it is written`(
        _ written: String, _ searched: String
    ) throws {
        let value = try JSONValue(parsing: Array("{\"n\":\(written)}".utf8), limits: .upstream)
        #expect(ResultTexts(value).texts == ["n", searched])
    }

    @Test func `names of members and numbers are searched, and cannot be replaced`() {
        let result: JSONValue = ["key": [1, .null, true, "text"], "more": ["inner": 12_345_678]]
        let texts = ResultTexts(result)
        #expect(texts.texts == ["key", "1", "text", "more", "inner", "12345678"])
        #expect(texts.strings == [2] && texts.bytes == 3 + 1 + 4 + 4 + 5 + 8)
        for index in [0, 1, 5] {
            var parts = ResultRedaction()
            parts.add(ResultRedaction.Removal(0..<1, "r"), of: index)
            #expect(parts.applied(to: result, texts: texts) == nil)
        }
    }

    private struct Case {
        let host: HookHost
        let event: String
        let tool: HookTool
        let key: String
        let result: JSONValue
        /// The result with `secret` replaced, and with everything withheld; nil where the host has no means.
        let redacted: JSONValue?
        let withheld: JSONValue?
    }

    private static func tool(_ name: String, _ word: HookToolName) -> HookTool {
        HookTool(hostName: name, name: word, arguments: [:])
    }

    private static let mark = "[redacted:rule]"

    private static let cases: [Case] = [
        Case(
            host: .claudeCode, event: "PostToolUse", tool: tool("Bash", .shell),
            key: "tool_response",
            result: [
                "stdout": "a s3cr3t-value", "stderr": "", "interrupted": false, "isImage": false,
            ],
            redacted: [
                "stdout": "a [redacted:rule]", "stderr": "", "interrupted": false, "isImage": false,
            ],
            withheld: [
                "stdout": "[redacted:rule]", "stderr": "[redacted:rule]", "interrupted": false,
                "isImage": false,
            ]),
        Case(
            host: .claudeCode, event: "PostToolUse", tool: tool("Read", .read),
            key: "tool_response",
            result: ["type": "text", "file": ["filePath": "/f", "content": "s3cr3t-value\n"]],
            redacted: [
                "type": "text", "file": ["filePath": "/f", "content": "[redacted:rule]\n"],
            ],
            withheld: [
                "type": "text",
                "file": ["filePath": "[redacted:rule]", "content": "[redacted:rule]"],
            ]),
        Case(
            host: .claudeCode, event: "PostToolUse", tool: tool("Read", .read),
            key: "tool_response",
            result: ["type": "notebook", "file": ["cells": [["source": "s3cr3t-value"]]]],
            redacted: nil, withheld: nil),
        Case(
            host: .claudeCode, event: "PostToolUse",
            tool: tool("mcp__s__t", .mcp(server: "s", tool: "t")), key: "tool_response",
            result: [["type": "text", "text": "s3cr3t-value"]],
            redacted: [["type": "text", "text": "[redacted:rule]"]],
            withheld: [["type": "text", "text": "[redacted:rule]"]]),
        Case(
            host: .claudeCode, event: "PostToolUse", tool: tool("WebFetch", .fetch),
            key: "tool_response", result: ["result": "s3cr3t-value"], redacted: nil, withheld: nil),
        Case(
            host: .geminiCLI, event: "AfterTool", tool: tool("run_shell_command", .shell),
            key: "tool_response", result: ["llmContent": "a s3cr3t-value", "returnDisplay": "b"],
            redacted: ["llmContent": "a [redacted:rule]", "returnDisplay": "b"],
            withheld: ["llmContent": "[redacted:rule]"]),
        Case(
            host: .copilot, event: "postToolUse", tool: tool("bash", .shell), key: "toolResult",
            result: ["resultType": "success", "textResultForLlm": "s3cr3t-value"],
            redacted: ["resultType": "success", "textResultForLlm": "[redacted:rule]"],
            withheld: ["resultType": "success", "textResultForLlm": "[redacted:rule]"]),
        Case(
            host: .copilot, event: "postToolUse", tool: tool("bash", .shell), key: "toolResult",
            result: ["resultType": "failure", "textResultForLlm": "s3cr3t-value"], redacted: nil,
            withheld: nil),
        Case(
            host: .codex, event: "PostToolUse", tool: tool("Bash", .shell), key: "tool_response",
            result: "s3cr3t-value", redacted: nil, withheld: nil),
        Case(
            host: .cursor, event: "postToolUse", tool: tool("Shell", .shell), key: "tool_output",
            result: "s3cr3t-value", redacted: nil, withheld: nil),
    ]

    @Test(.requirement("R082"))
    func `each host gets the result that it takes, or none`() throws {
        for (number, one) in Self.cases.enumerated() {
            let event = HookEvent(
                host: one.host, kind: .postTool, hostName: one.event, session: "s", tool: one.tool,
                details: JSONObject(distinct: [(key: one.key, value: one.result)]))
            #expect(event.reported == one.result, "case \(number)")
            let texts = ResultTexts(event.reported)
            var parts = ResultRedaction()
            for index in texts.strings {
                let text = texts.texts[index]
                guard let range = text.range(of: Self.secret) else { continue }
                parts.add(ResultRedaction.Removal(range, "rule"), of: index)
            }
            #expect(!parts.isEmpty, "case \(number)")
            let redacted = event.redacted(parts, texts: texts)
            #expect(redacted == one.redacted, "case \(number)")
            let withheld = event.redacted(ResultRedaction(whole: "rule"), texts: texts)
            #expect(withheld == one.withheld, "case \(number)")
            // The answer of the codec has no byte of the value either way.
            for result in [redacted, withheld].compactMap({ $0 }) {
                let answer = one.host.codec.answer(
                    HookVerdict(.redact(result), reason: "redacted"), to: event)
                let output = String(decoding: answer.output, as: UTF8.self)
                #expect(answer.exit == .allow && output.contains("redacted:rule"))
                #expect(output.range(of: Self.secret) == nil && output.range(of: "continue") == nil)
            }
        }
    }

    @Test func `a value in the name of a member withholds what may have any shape`() {
        func shown(_ tool: HookTool, _ result: JSONValue) -> JSONValue? {
            let event = HookEvent(
                host: .claudeCode, kind: .postTool, hostName: "PostToolUse", session: "s",
                tool: tool, details: ["tool_response": result])
            var parts = ResultRedaction()
            parts.add(ResultRedaction.Removal(0..<3, "rule"), of: 0)
            return event.redacted(parts, texts: ResultTexts(event.reported))
        }
        let mcp = Self.tool("mcp__s__t", .mcp(server: "s", tool: "t"))
        #expect(
            shown(mcp, ["key": "v"]) == [["type": "text", "text": .string(Self.mark)]])
        let bash: JSONValue = ["stdout": "a", "stderr": "", "interrupted": false]
        #expect(shown(Self.tool("Bash", .shell), bash) == nil)
    }

    @Test func `of a failure everything that the host says is searched`() {
        let failure = HookEvent(
            host: .claudeCode, kind: .postToolFailure, hostName: "PostToolUseFailure",
            session: "s", tool: Self.tool("Bash", .shell),
            details: ["error": "s3cr3t-value", "is_interrupt": false])
        #expect(ResultTexts(failure.reported).texts.contains(Self.secret))
        #expect(
            failure.redacted(
                ResultRedaction(whole: "rule"), texts: ResultTexts(failure.reported)) == nil)
        // An edit repeats what the agent or its user wrote.
        let edit = HookEvent(
            host: .cursor, kind: .postTool, hostName: "afterFileEdit", session: "s",
            tool: Self.tool("StrReplace", .edit), details: ["edits": ["s3cr3t-value"]])
        #expect(ResultTexts(edit.reported).texts.isEmpty)
    }

    private static func value(_ chance: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &chance) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &chance))
        case 2: return .integer(Int64.random(in: -9...9, using: &chance))
        case 3, 4: return .string(text(&chance))
        case 5, 6:
            return .array(
                (0..<Int.random(in: 0...4, using: &chance)).map { _ in
                    value(&chance, depth: depth - 1)
                })
        default:
            var object = JSONObject()
            for number in 0..<Int.random(in: 0...4, using: &chance) {
                object["\(number)" + text(&chance)] = value(&chance, depth: depth - 1)
            }
            return .object(object)
        }
    }

    /// Plain and longer characters, so that parts begin and end within them too.
    private static func text(_ chance: inout SeededGenerator) -> String {
        String(
            (0..<Int.random(in: 0...12, using: &chance)).compactMap { _ in
                "ab \n\"é漢🙂".randomElement(using: &chance)
            })
    }
}

extension String {
    /// Returns the UTF-8 bytes at which `part` is found first.
    fileprivate func range(of part: String) -> Range<Int>? {
        let (mine, others) = (Array(utf8), Array(part.utf8))
        guard mine.count >= others.count else { return nil }
        return (0...(mine.count - others.count)).first {
            mine[$0..<($0 + others.count)].elementsEqual(others)
        }.map { $0..<($0 + others.count) }
    }
}
