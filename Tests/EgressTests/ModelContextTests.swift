import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockEgress
@testable import InterlockTransport

/// Providers of models, and what requests and answers state (docs/specs/sandbox.md, sections 7 and 8).
struct ModelContextTests {
    private func upstream(
        _ url: String, allowsPrivate: Bool = false
    ) -> Result<ModelUpstream, EgressRuleError> {
        do throws(EgressRuleError) {
            return .success(
                try ModelUpstream(name: "main", url: url, allowsPrivate: allowsPrivate))
        } catch { return .failure(error) }
    }

    @Test(
        .requirement("R077"),
        arguments: [
            ("https://api.example.com", "https://api.example.com/v1/messages"),
            ("https://api.example.com/", "https://api.example.com/v1/messages"),
            ("https://api.example.com:8443/a/b/", "https://api.example.com:8443/a/b/v1/messages"),
            ("https://192.0.2.1", "https://192.0.2.1/v1/messages"),
            ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/messages"),
            ("http://[::1]:11434/x", "http://[::1]:11434/x/v1/messages"),
            ("http://10.0.0.8", "http://10.0.0.8/v1/messages"),
        ])
    func `an address of a provider has one target`(_ url: String, _ expected: String) throws {
        let made = try upstream(url, allowsPrivate: true).get()
        #expect(made.url(of: "/v1/messages") == expected)
        #expect(made.destination.rule == "model main")
        #expect(made.rule.ports == [made.target.port] && made.rule.allowsPrivate)
        let rules = try EgressRules([], models: [made])
        #expect(try rules.decide(made.target, .model, model: made.destination) == made.rule)
        // It admits no other connection.
        for access in [EgressAccess.tunnel, .http, .model] {
            #expect(throws: EgressRefusal.self) { try rules.decide(made.target, access) }
        }
        let other = ModelDestination(name: "main", isSecure: !made.isSecure)
        #expect(throws: EgressRefusal.self) {
            try rules.decide(made.target, .model, model: other)
        }
        let moved = try #require(EgressTarget(made.target.host, port: 9))
        #expect(throws: EgressRefusal.self) {
            try rules.decide(moved, .model, model: made.destination)
        }
        #expect(throws: EgressRuleError.self) { try EgressRules([], models: [made, made]) }
    }

    @Test(
        .requirement("R077"),
        arguments: [
            "ftp://api.example.com", "https://", "https://API.example.com", "https://a.example.",
            "https://u@a.example", "https://a.example?x", "https://a.example#x", "https://127.1",
            "https://a.example:0", "https://a.example:0443", "https://a.exa mple",
            "https://a.example\\b", "http://a.example", "http://localhost:1", "http://192.0.2.1",
            "http://169.254.169.254",
        ])
    func `another address is refused`(_ url: String) {
        #expect(throws: EgressRuleError.self) { try upstream(url, allowsPrivate: true).get() }
    }

    @Test func `clear text needs private`() {
        #expect(throws: EgressRuleError.self) { try upstream("http://127.0.0.1:1").get() }
    }

    @Test func `a request names its model in JSON that has one reading`() throws {
        func model(_ text: String) throws(EgressRefusal) -> String? {
            try ModelPrompt.model(in: Array(text.utf8))?.text
        }
        #expect(try model(#"{"model":"claude-opus-4-1","messages":[]}"#) == "claude-opus-4-1")
        #expect(try model(#"{"model":"vendor/m:8b@1"}"#) == "vendor/m:8b@1")
        for text in ["{}", "[]", #"{"model":"a b"}"#, #"{"model":7}"#, #"{"a":{"model":"x"}}"#] {
            #expect(try model(text) == nil)
        }
        for text in ["", "{", #"{"model":"a","model":"b"}"#, "{} {}"] {
            #expect(throws: EgressRefusal.self) { try model(text) }
        }
        #expect(ModelID(String(repeating: "a", count: 129)) == nil && ModelID("") == nil)
    }

    /// The answer in pieces of each size states the same.
    private func statement(events text: String) -> ModelStatement {
        let bytes = Array(text.utf8)
        var whole = ModelAnswerReader()
        whole.read(events: bytes)
        for size in [1, 3, 50] {
            var pieces = ModelAnswerReader()
            for start in stride(from: 0, to: bytes.count, by: size) {
                pieces.read(events: Array(bytes[start..<min(bytes.count, start + size)]))
            }
            #expect(pieces.statement == whole.statement)
        }
        return whole.statement
    }

    private func statement(whole text: String) -> ModelStatement {
        var reader = ModelAnswerReader()
        reader.read(whole: Array(text.utf8))
        return reader.statement
    }

    @Test(.requirement("R094"))
    func `answers of Anthropic state their tokens`() {
        let whole = statement(
            whole: #"{"type":"message","model":"m-1","content":[{"type":"text","text":"x"}],"#
                + #""usage":{"input_tokens":7,"output_tokens":3,"cache_read_input_tokens":5,"#
                + #""cache_creation_input_tokens":2}}"#)
        #expect(whole.model?.text == "m-1")
        #expect(whole.usage.input == 7 && whole.usage.output == 3)
        #expect(whole.usage.cacheRead == 5 && whole.usage.cacheWritten == 2)
        let events = statement(
            events: "event: message_start\ndata: "
                + #"{"type":"message_start","message":{"model":"m-2","usage":{"input_tokens":9,"#
                + #""output_tokens":1}}}"# + "\n\nevent: content_block_delta\ndata: "
                + #"{"type":"content_block_delta","delta":{"text":"\"usage\""}}"#
                + "\n\nevent: message_delta\ndata: "
                + #"{"type":"message_delta","usage":{"output_tokens":12}}"# + "\n\n")
        #expect(events.model?.text == "m-2")
        #expect(events.usage.input == 9 && events.usage.output == 12)
        #expect(events.usage.cacheRead == nil)
    }

    @Test(.requirement("R094"))
    func `answers of OpenAI state their tokens`() {
        let whole = statement(
            whole: #"{"model":"gpt","choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2,"#
                + #""prompt_tokens_details":{"cached_tokens":1}}}"#)
        #expect(whole.usage.input == 4 && whole.usage.output == 2 && whole.usage.cacheRead == 1)
        let completions = statement(
            events: #"data: {"model":"gpt","usage":null}"# + "\n\n"
                + #"data: {"model":"gpt","usage":{"prompt_tokens":8,"completion_tokens":6}}"#
                + "\n\ndata: [DONE]\n\n")
        #expect(completions.usage.input == 8 && completions.usage.output == 6)
        let responses = statement(
            events: "event: response.completed\ndata: "
                + #"{"response":{"model":"gpt-2","usage":{"input_tokens":3,"output_tokens":1}}}"#
                + "\n\n")
        #expect(responses.model?.text == "gpt-2" && responses.usage.input == 3)
    }

    @Test func `what an answer does not state is absent`() {
        for text in [
            "", "{", "[]", #"{"usage":7}"#, #"{"usage":{"input_tokens":-1,"output_tokens":1.5}}"#,
            #"{"content":[{"usage":{"input_tokens":1}}]}"#,
        ] {
            #expect(statement(whole: text) == ModelStatement())
            #expect(statement(events: "data: \(text)\n\n") == ModelStatement())
        }
    }

    @Test func `a stream is passed on in whole events`() {
        var splitter = EventStreamSplitter()
        func feed(_ text: String) -> String {
            String(decoding: splitter.feed(Array(text.utf8)), as: UTF8.self)
        }
        #expect(feed("data: 1\n") == "")
        #expect(feed("\ndata: 2\n\ndata") == "data: 1\n\ndata: 2\n\n")
        #expect(feed(": 3\r\n") == "" && splitter.heldBytes == 9)
        #expect(feed("\r\n: c\r\r") == "data: 3\r\n\r\n: c\r\r")
        #expect(feed("rest") == "")
        #expect(String(decoding: splitter.takeRest(), as: UTF8.self) == "rest")
        #expect(splitter.heldBytes == 0)
    }
}
