import InterlockJSON
import InterlockMCP
import Testing

@Suite struct `What a server may ask` {
    static let rules = InputRules(
        server: "tickets", kinds: [.form, .url, .sampling], hosts: ["tickets.example", "localhost"])

    static func form(_ fields: JSONObject, message: JSONValue = "Which region?") -> InputRequest {
        InputRequest(
            key: "a", method: .elicit,
            params: [
                "message": message,
                "requestedSchema": ["type": "object", "properties": .object(fields)],
            ])
    }

    static func page(_ url: String) -> InputRequest {
        InputRequest(
            key: "a", method: .elicit,
            params: ["mode": "url", "message": "Sign in", "url": .string(url)])
    }

    static func refusal(_ request: InputRequest, tokens: Int64 = 100) -> InputRefusal? {
        do throws(InputRefusal) {
            _ = try rules.permitted(request, tokens: tokens)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the server's true name stands before its words`() throws {
        let asked = try Self.rules.permitted(
            Self.form(["region": ["type": "string"]], message: "Interlock asks: yes?"), tokens: 0)
        #expect(
            asked.params["message"] == "The server `tickets` asks: Interlock asks: yes?")
    }

    @Test(
        arguments: [
            ("password", ["type": "string"]), ("apiKey", ["type": "string"]),
            ("api-key", ["type": "string"]), ("TOKEN", ["type": "string"]),
            ("client_secret", ["type": "string"]), ("x", ["type": "string", "format": "password"]),
            ("x", ["type": "string", "title": "Your pass phrase"]),
            ("x", ["type": "string", "description": "the API key of the account"]),
        ] as [(String, JSONValue)])
    func `a form that asks for a secret is refused`(name: String, field: JSONValue) {
        #expect(Self.refusal(Self.form([name: field])) == .secret(name))
    }

    @Test(
        arguments: [
            ["type": "string"], ["type": "array"],
            ["type": "object", "properties": ["a": ["type": "object"]]],
            ["type": "object", "properties": ["a": 1]], ["type": "object"],
            ["type": "object", "properties": [:], "allOf": []], nil,
        ] as [JSONValue?])
    func `a form that is none is refused`(schema: JSONValue?) {
        var params: JSONObject = ["message": "m"]
        params["requestedSchema"] = schema
        let request = InputRequest(key: "a", method: .elicit, params: params)
        guard case .malformed? = Self.refusal(request) else {
            Issue.record("\(String(describing: schema)) passes")
            return
        }
    }

    @Test(
        arguments: [
            ("https://tickets.example/login?x=1", nil), ("https://TICKETS.example:8443/", nil),
            ("http://localhost:80/", nil), ("https://evil.example/", .host("evil.example")),
            ("https://tickets.example.evil.example/", .host("tickets.example.evil.example")),
            ("http://tickets.example/", .malformed("its url is not https")),
            ("https://me@tickets.example/", .malformed("its url names a user")),
            ("https://tickets.example@evil.example/", .malformed("its url names a user")),
            ("javascript:alert(1)", .malformed("its url is no address of a page")),
            (
                "https://tickets.example\\@evil.example",
                .malformed("its url is no address of a page")
            ),
            ("https:///path", .malformed("its url has no plain host")),
            ("https://tickets.example:port/", .malformed("its url has no plain host")),
        ] as [(String, InputRefusal?)])
    func `pages are on reviewed hosts alone`(url: String, refusal: InputRefusal?) {
        #expect(Self.refusal(Self.page(url)) == refusal, "\(url)")
    }

    @Test func `a host in encoded letters is pointed at`() throws {
        let rules = InputRules(server: "s", kinds: [.url], hosts: ["xn--80ak6aa92e.example"])
        let asked = try rules.permitted(Self.page("https://xn--80ak6aa92e.example/"), tokens: 0)
        #expect(asked.params["message"]?.string?.contains("encoded letters") == true)
    }

    @Test func `samples cost tokens and see no other context`() throws {
        func sample(_ tokens: JSONValue?) -> InputRequest {
            var params: JSONObject = ["messages": [], "includeContext": "allServers"]
            params["maxTokens"] = tokens
            return InputRequest(key: "a", method: .sample, params: params)
        }
        let asked = try Self.rules.permitted(sample(100), tokens: 100)
        #expect(asked.params["includeContext"] == nil)
        #expect(Self.refusal(sample(101)) == .tooManyTokens)
        for wrong in [nil, 0, -1, "100"] as [JSONValue?] {
            #expect(Self.refusal(sample(wrong)) == .malformed("it has no maxTokens"))
        }
    }

    @Test func `what is not in the list is not asked`() {
        let roots = InputRequest(key: "a", method: .listRoots, params: [:])
        #expect(Self.refusal(roots) == .notAllowed)
        #expect(roots.declined == .result(["roots": []]))
        let odd = InputRequest(key: "a", method: .elicit, params: ["mode": "voice"])
        #expect(Self.refusal(odd) == .notAllowed)
        #expect(Self.refusal(Self.form([:], message: 7)) != nil)
    }

    @Test(
        arguments: [
            (["elicitation": [:]], ProtocolVersion.v2025_06_18, [InputKind.form]),
            (["elicitation": [:]], .v2025_03_26, []),
            (["elicitation": ["url": [:]]], .v2025_11_25, [.url]),
            (["elicitation": ["url": [:]]], .v2025_06_18, []),
            (["elicitation": ["url": [:], "form": [:]]], .v2026_07_28, [.url, .form]),
            (
                ["sampling": [:], "roots": ["listChanged": true]], .v2024_11_05,
                [.sampling, .roots]
            ),
            (["sampling": true], .v2026_07_28, []),
        ] as [(JSONObject, ProtocolVersion, [InputKind])])
    func `what a client declares by version`(
        capabilities: JSONObject, version: ProtocolVersion, kinds: [InputKind]
    ) {
        #expect(InputKind.declared(capabilities, in: version) == Set(kinds))
    }

    @Test func `answers are reduced to what they are`() {
        let form = Self.form(["a": ["type": "string"]])
        #expect(
            form.answer(["action": "accept", "content": ["a": "x"], "more": 1])
                == .result(["action": "accept", "content": ["a": "x"]]))
        #expect(form.answer(["action": "accept"]) == .result(["action": "cancel"]))
        #expect(
            form.answer(["action": "decline", "content": [:]]) == .result(["action": "decline"]))
        #expect(form.answer([:]) == .result(["action": "cancel"]))
        #expect(
            Self.page("https://x/").answer(["action": "accept", "content": ["a": 1]])
                == .result(["action": "accept"]))
    }
}
