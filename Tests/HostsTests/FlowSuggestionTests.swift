import InterlockHosts
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// Suggestions about the flow of values by a tool's name and schema.
@Suite(.requirement("R084")) struct FlowSuggestionTests {
    private func suggestion(
        _ name: String, _ properties: String, isRead: Bool = false
    ) throws -> FlowSuggestion {
        let text = #"{"type": "object", "properties": \#(properties)}"#
        let schema = try JSONValue(parsing: Array(text.utf8), limits: .agent)
        return FlowSuggestion(
            name: name, inputSchema: try #require(schema.object), isRead: isRead)
    }

    @Test(arguments: [
        "to", "cc", "bcc", "reply_to", "sendTo", "recipient", "recipients", "recipientIds", "email",
        "userEmail", "contactemail", "account", "account_id", "fromAccount", "iban", "payee-iban",
        "amount", "amount_cents", "url", "callbackUrl", "uri", "path", "file_path", "branch",
        "baseBranch", "date", "due_date", "channel", "channel_id",
    ]) func `a name of what decides is a key`(_ name: String) throws {
        let found = try suggestion("change", #"{"\#(name)": {"type": "string"}}"#)
        #expect(found.keys == [name])
    }

    @Test(arguments: [
        "limit", "text", "total", "topic", "together", "curl", "pathology", "updated", "query",
    ]) func `another name is none`(_ name: String) throws {
        #expect(try suggestion("change", #"{"\#(name)": {"type": "string"}}"#).keys == [])
    }

    @Test(arguments: [
        ("email", true), ("idn-email", true), ("uri", true), ("iri", true), ("uri-reference", true),
        ("date", true), ("date-time", true), ("uuid", false), ("ipv4", false),
    ]) func `a format says what a value is`(_ format: String, _ isKey: Bool) throws {
        let found = try suggestion("change", #"{"x": {"type": "string", "format": "\#(format)"}}"#)
        #expect(found.keys == (isKey ? ["x"] : []))
    }

    @Test func `parts of objects and elements of lists have their paths`() throws {
        let found = try suggestion(
            "change",
            """
            {"message": {"type": "object", "properties": {"to": {"type": "string"},
                "body": {"type": "string"}}},
             "people": {"type": "array", "items": {"type": "object",
                "properties": {"email": {"type": "string"}}}},
             "links": {"type": "array", "items": {"type": "string", "format": "uri"}},
             "to": {"type": "object", "properties": {"path": {"type": "string"}}},
             "date": {"type": "boolean"}}
            """)
        #expect(found.keys == ["links", "message.to", "people.email", "to"])
        #expect(found.sends)
        #expect(
            found.yaml == #"sends: true, keys: ["links","message.to","people.email","to"]"#)
    }

    @Test func `keys that decide nothing, or that cannot all be named, are not suggested`() throws {
        let properties = #"{"path": {"type": "string"}}"#
        #expect(try suggestion("read_file", properties, isRead: true).yaml == "")
        #expect(try suggestion("write_file", properties).yaml == #"keys: ["path"]"#)
        let odd = #"{"path": {"type": "string"}, "a.date": {"type": "string"}}"#
        #expect(try suggestion("write_file", odd).keys == [])
        let many = (0..<65).map { "\"date\($0)_date\": {\"type\": \"string\"}" }
        #expect(try suggestion("plan", "{\(many.joined(separator: ", "))}").keys == [])
        var deep = #"{"to": {"type": "string"}}"#
        for _ in 0..<20 { deep = #"{"a": {"type": "object", "properties": \#(deep)}}"# }
        #expect(try suggestion("plan", deep).keys == [])
    }

    @Test(arguments: [
        ##"{"$ref": "#/$defs/Payment"}"##, #"{"patternProperties": {"^x": {"type": "string"}}}"#,
        #"{"type": "object", "additionalProperties": {"type": "string"}}"#,
        #"{"type": "object", "additionalProperties": true}"#,
        #"{"type": "array", "prefixItems": [{"type": "string"}]}"#,
        #"{"type": "array", "items": [{"type": "string"}]}"#,
        ##"{"type": "array", "items": {"$ref": "#/$defs/Person"}}"##,
        ##"{"anyOf": [{"$ref": "#/$defs/Payment"}, {"type": "null"}]}"##,
        #"{"type": "object", "if": {}, "then": {"properties": {"to": {"type": "string"}}}}"#,
        #"{"type": "object", "dependentSchemas": {"a": {"properties": {"to": {}}}}}"#,
    ]) func `a schema with arguments that are not walked has no keys`(_ value: String) throws {
        let path = #""path": {"type": "string"}"#
        #expect(try suggestion("change", "{\(path), \"payment\": {}}").keys == ["path"])
        #expect(try suggestion("change", "{\(path), \"payment\": \(value)}").keys == [])
        // All below a key is decided by it.
        #expect(try suggestion("change", "{\"path\": \(value)}").keys == ["path"])
    }

    @Test func `alternatives have their arguments and formats`() throws {
        let found = try suggestion(
            "change",
            """
            {"until": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
             "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
             "payment": {"oneOf": [{"type": "object", "properties": {"iban": {"type": "string"}}},
                {"allOf": [{"properties": {"amount": {"type": "integer"}}}]}]}}
            """)
        #expect(found.keys == ["payment.amount", "payment.iban", "until"])
        #expect(!found.sends)
    }

    @Test(arguments: [
        ("fetch", #"{"url": {"type": "string"}}"#, true), ("web_search", "{}", true),
        ("searchOnline", "{}", true), ("search", "{}", false), ("web_settings", "{}", false),
        ("read", #"{"place": {"type": "string", "format": "uri"}}"#, true),
    ]) func `a URL of the caller's choice, or a search of the web, sends`(
        _ name: String, _ properties: String, _ sends: Bool
    ) throws {
        #expect(try suggestion(name, properties, isRead: true).sends == sends)
    }

    @Test(arguments: [
        ("search_mail", true), ("list_tickets", true), ("getReviews", true), ("read_page", true),
        ("get_invoice", false), ("search", false),
    ]) func `mail, tickets, reviews and pages are of outsiders`(
        _ name: String, _ isOutside: Bool
    ) throws {
        #expect(try suggestion(name, "{}", isRead: true).isOutsideSource == isOutside)
        #expect(try !suggestion(name, "{}").isOutsideSource)
    }

    @Test func `a draft has the statements in the tool's entry`() throws {
        let server = try #require(ServerName("web"))
        var draft = DraftPolicy.Server(name: server, connect: ["http": "https://web.example/mcp"])
        draft.tools = [
            DraftPolicy.Tool(
                name: try #require(ToolName("fetch")), toolClass: .read, because: "confirmed",
                flow: try suggestion("fetch_page", #"{"url": {"type": "string"}}"#, isRead: true)),
            DraftPolicy.Tool(
                name: try #require(ToolName("post")), toolClass: .write, because: "",
                flow: try suggestion("post", #"{"channel": {"type": "string"}}"#)),
            DraftPolicy.Tool(
                name: try #require(ToolName("wait")), toolClass: .read, because: "confirmed"),
        ]
        let policy = DraftPolicy(
            org: "acme", owner: try #require(Person("ada@acme.example")),
            day: CivilDate(daysSince1970: 20_000), servers: [draft], agents: [])
        let text = try #require(policy.files.first { $0.path == "servers/web.yaml" }).text
        #expect(
            text.contains(
                #"      "fetch": {class: read, source: untrusted, sends: true, keys: ["url"]}  # confirmed"#
            ))
        #expect(
            text.contains(
                #"      "post": {class: write, effects: [irreversible], keys: ["channel"]}"#))
        #expect(text.contains(#"      "wait": {class: read}  # confirmed"#))
        #expect(text.contains("guesses by names"))
    }
}
