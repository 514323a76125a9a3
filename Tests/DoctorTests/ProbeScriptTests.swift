import InterlockDoctor
import InterlockJSON
import Testing

/// The scripted model, which answers by what a request has, and what it hears.
struct ProbeScriptTests {

    private static func hex(_ file: ProbeFile) -> String {
        let number = (ProbeFile.allCases.firstIndex(of: file) ?? 0) + 16
        return String(repeating: String(number, radix: 16), count: ProbeScript.canaryBytes)
    }

    /// Each canary has another byte, from 0x10.
    static func script(_ project: String = "/tmp/x1/interlock-doctor-probe") -> ProbeScript? {
        var next: UInt8 = 15
        return ProbeScript(project: project) { count in
            next += 1
            return [UInt8](repeating: next, count: count)
        }
    }

    private static func text(_ file: ProbeFile) -> String { "interlock-canary-\(hex(file))" }

    private static func request(
        _ results: [String], tools: JSONValue = [["name": "Bash"]]
    ) -> JSONValue {
        let parts = results.map { id -> JSONValue in
            ["type": "tool_result", "tool_use_id": .string(id), "content": "x", "is_error": true]
        }
        return [
            "model": "m", "stream": true, "tools": tools,
            "messages": [
                ["role": "user", "content": "Go"], ["role": "user", "content": .array(parts)],
            ],
        ]
    }

    /// The tool that the model calls, or nil at the end.
    private static func call(_ message: ScriptedMessage) -> (name: String, input: JSONValue)? {
        let block = message.whole["content"]?.array?.first
        return block?["name"]?.string.map { ($0, block?["input"] ?? .null) }
    }

    @Test func `each call of the script is made once, and the command comes last`() throws {
        let script = try #require(Self.script())
        var done: [String] = []
        for call in ProbeCall.allCases {
            let answer = script.answer(Self.request(done))
            let made = try #require(Self.call(answer))
            #expect(answer.whole["content"]?.array?.first?["id"]?.string == call.id)
            #expect(made.name == (call == .command ? "Bash" : "Read"))
            #expect(answer.whole["stop_reason"] == "tool_use")
            done.append(call.id)
        }
        let end = script.answer(Self.request(done))
        #expect(Self.call(end) == nil && end.whole["stop_reason"] == "end_turn")
        // A request for a title, and one with results of other calls alone.
        #expect(Self.call(script.answer(Self.request([], tools: []))) == nil)
        #expect(Self.call(script.answer(Self.request(["toolu_other"])))?.name == "Read")
        #expect(Self.call(script.answer(.null)) == nil)
    }

    @Test func `the command makes the marker, and what follows it never runs`() throws {
        let script = try #require(Self.script())
        let done = [ProbeCall.plainRead.id, ProbeCall.hiddenRead.id]
        let made = try #require(Self.call(script.answer(Self.request(done))))
        let command = try #require(made.input["command"]?.string)
        #expect(command.hasPrefix("touch \(script.markerPath) || "))
        #expect(!command.contains(";") && !command.contains("&&"))
    }

    @Test func `the events of a message carry the same call`() throws {
        let script = try #require(Self.script())
        let answer = script.answer(Self.request([]))
        var found: [JSONValue] = []
        for event in answer.events {
            let lines = String(decoding: event, as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 4 && lines[2].isEmpty && lines[3].isEmpty)
            let data = try JSONValue(
                parsing: Array(lines[1].dropFirst("data: ".count).utf8), limits: .agent)
            #expect(lines[0] == "event: \(data["type"]?.string ?? "")")
            found.append(data)
        }
        #expect(found.count == 6 && answer.isStreamed)
        let input = try #require(found[2]["delta"]?["partial_json"]?.string)
        let whole = try #require(Self.call(answer)).input
        #expect(try JSONValue(parsing: Array(input.utf8), limits: .agent) == whole)
        #expect(found[1]["content_block"]?["name"] == "Read")
    }

    @Test func `every file of the probe has a canary of its own`() throws {
        let script = try #require(Self.script())
        let texts = script.files.filter { $0.path != "CLAUDE.md" }.map(\.text)
        #expect(Set(texts).count == ProbeFile.allCases.count)
        for file in ProbeFile.allCases {
            let made = try #require(script.files.first { $0.path == file.path })
            #expect(made.text == "KEY=\(Self.text(file))\n")
        }
        #expect(!script.prompt.contains("canary"))
    }

    @Test(arguments: ["", "relative", "/tmp/a b", "/tmp/$(x)", "/tmp/'", "/tmp/ä", "/tmp/a\n"])
    func `a path that a shell would read is refused`(_ path: String) {
        #expect(Self.script(path) == nil)
    }

    @Test func `a canary is heard in any part of a body, JSON or not`() throws {
        let script = try #require(Self.script())
        for (text, files) in [
            ("", Set<ProbeFile>()), ("interlock-canary-", []),
            ("interlock-canary-" + String(repeating: "0", count: 32), []),
            ("{\"system\":\"\(Self.text(.hiddenImport))\"}", [.hiddenImport]),
            ("iinterlock-interlock-canary-\(Self.text(.plainRead))", [.plainRead]),
            (
                "\u{0}" + Self.text(.hiddenMention) + Self.text(.plainMention),
                [
                    .hiddenMention, .plainMention,
                ]
            ),
            (String(Self.text(.hiddenRead).dropLast()), []),
        ] {
            var transcript = ProbeTranscript()
            transcript.hear(Array(text.utf8), nil, of: script)
            #expect(transcript.files == files && transcript.requests == 1, "\(text)")
        }
    }

    @Test func `results of the script's calls are kept, shortened, and no others`() throws {
        let script = try #require(Self.script())
        let long = String(repeating: "x", count: 10_000)
        let body: JSONValue = [
            "messages": [
                [
                    "content": [
                        [
                            "type": "tool_result", "tool_use_id": .string(ProbeCall.command.id),
                            "is_error": true,
                            "content": [
                                ["type": "text", "text": "a"], ["type": "image"],
                                ["type": "text", "text": "b"],
                            ],
                        ],
                        [
                            "type": "tool_result", "tool_use_id": .string(ProbeCall.plainRead.id),
                            "content": .string(long),
                        ],
                        ["type": "tool_result", "tool_use_id": "toolu_other", "content": "c"],
                        ["type": "text", "tool_use_id": .string(ProbeCall.hiddenRead.id)],
                        "text",
                    ]
                ]
            ]
        ]
        var transcript = ProbeTranscript()
        transcript.hear(body.serialized(), body, of: script)
        #expect(transcript.results.count == 2)
        #expect(transcript.results[.command] == .init(isError: true, text: "a\nb"))
        #expect(transcript.results[.plainRead]?.isError == false)
        #expect(transcript.results[.plainRead]?.text.utf8.count == 4096)
    }
}
