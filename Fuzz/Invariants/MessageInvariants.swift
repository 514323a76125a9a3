import InterlockJSON
import InterlockMCP
import InterlockModel

extension Invariants {
    /// Every reader of the protocol reads the input, both as a header and as a message. Each accepted value can be
    /// written again, and no result of an upstream can pose as a refusal of the gateway.
    package static func messages(_ bytes: [UInt8]) {
        head(String(decoding: bytes, as: UTF8.self))
        line(String(decoding: bytes, as: UTF8.self))
        if let state = ResumeState(bytes) {
            precondition(state.bytes == bytes, "a state has one form")
        }
        guard let value = try? JSONValue(parsing: bytes, limits: .upstream) else { return }
        _ = Era.detect(versionHeader: nil, message: value)
        if case .batch(let elements)? = try? ClientBody(value, allowsBatches: true) {
            precondition((1...ClientBody.maximumBatch).contains(elements.count), "bounded batches")
        }
        if let message = try? JSONRPCMessage(value) { check(message) }
        if let object = value.object { check(object) }
        if let tool = try? ToolDefinition(value) { check(tool) }
    }

    private static func head(_ text: String) {
        try? StreamableHTTP.checkPost(contentType: text, accept: text)
        try? StreamableHTTP.checkGet(accept: text)
        _ = try? StreamableHTTP.version(header: text, session: nil)
        _ = Era.names(modern: text)
        precondition(HeaderText.decode(HeaderText.encode(text)) == text, "any text can be a header")
        _ = HeaderText.decode(text)
        if let id = EventID(text) {
            precondition(id.description == text, "an event's id has one spelling")
        }
    }

    /// A line of the program log never shows a known secret.
    private static func line(_ text: String) {
        let secret = "secret-of-the-test"
        let shown = LogRedaction(secrets: [secret]).redacted(text)
        precondition(!shown.contains(secret), "a known secret is never shown")
        precondition(
            shown.utf8.count <= text.utf8.count * (LogRedaction.mark.utf8.count + 1),
            "a line does not grow without bounds")
    }

    /// The era of a server is determined or given up within eight steps, for any response.
    private static func negotiate(_ answer: EraNegotiation.Answer) {
        for guess in ProtocolVersion.allCases.map(Optional.some) + [nil] {
            var negotiation = EraNegotiation(guess: guess)
            var step = negotiation.start()
            var steps = 0
            while steps < 8 {
                steps += 1
                switch step {
                case .discover: step = negotiation.probed(answer)
                case .initialize, .restart: step = negotiation.greeted(answer)
                case .opened, .failed: steps = 99
                }
            }
            precondition(steps == 99, "the negotiation ends")
        }
    }

    private static func check(filter params: JSONObject) {
        guard let filter = try? SubscriptionFilter(params) else { return }
        precondition(filter.resources.count <= SubscriptionFilter.maximumResources, "bounded")
        let again = try? SubscriptionFilter(["notifications": .object(filter.json)])
        precondition(again == filter, "what is acknowledged is what is heard")
    }

    private static func check(log params: JSONObject) {
        guard let notification = LogMessage(params)?.notification else { return }
        let told = (try? JSONValue(parsing: notification, limits: .upstream))?["params"]
        let data = told?["data"]?.serialized() ?? []
        precondition(!data.isEmpty && data.count <= LogMessage.maximumBytes, "cut to size")
    }

    private static func check(progress params: JSONObject) {
        guard let notice = ProgressNotification(params) else { return }
        precondition(notice.progress.isFinite, "a number")
        let told = notice.notification(token: .integer(1), version: .v2025_11_25)
        precondition(told.count <= ProgressNotification.maximumBytes + 256, "cut to size")
        _ = parsed(told)
    }

    private static func check(_ message: JSONRPCMessage) {
        switch message {
        case .request(let request):
            _ = parsed(JSONRPCWriter.result(id: request.id, request.params))
            check(modern: request)
            check(question: request.params)
            check(filter: request.params)
            guard let asked = try? ClientRequest(request) else { return }
            if case .list(let list, let cursor?) = asked {
                let page = try? OfferPage.page(
                    300, of: list, cursor: cursor, generation: 7
                ) { _ in ([:], 8_192) }
                if let page {
                    precondition(
                        page[list.member]?.array?.isEmpty == false, "a cursor leads to a page")
                }
            }
        case .notification(let method, let params):
            _ = ClientNotification(method: method, params: params)
            _ = UpstreamNotification(method: method, params: params)
            check(log: params)
            check(progress: params)
            _ = parsed(JSONRPCWriter.notification(method: method, params: params))
        case .result(let id, let result):
            _ = parsed(JSONRPCWriter.result(id: id, result))
            negotiate(.result(result))
        case .error(let id, let error):
            _ = parsed(JSONRPCWriter.error(id: id, error))
            for status in [200, 400, 404, 405, 500] {
                negotiate(.refused(status: status, error))
            }
            negotiate(.error(error))
        }
    }

    /// A request is never rejected for headers that were derived from it.
    private static func check(modern request: JSONRPCRequest) {
        var headers = [(name: StreamableHTTP.methodHeader, value: request.method)]
        if let version = request.params["_meta"]?[Era.versionKey]?.string {
            headers.append((StreamableHTTP.versionHeader, version))
        }
        if let name = RoutingHeaders.name(of: request.method, request.params) {
            headers.append((StreamableHTTP.nameHeader, HeaderText.encode(name)))
        }
        do throws(JSONRPCError) {
            _ = try ModernRequest(request, headers: RoutingHeaders(headers)) { _ in [] }
        } catch {
            precondition(error.code != JSONRPCError.headerMismatch, "the headers are its own")
        }
    }

    /// The message of any request for input from a server starts with the server's name and the page is on a reviewed
    /// host.
    private static func check(question params: JSONObject) {
        let rules = InputRules(
            server: "s", kinds: Set(InputKind.allCases), hosts: ["reviewed.example"])
        for method in InputRequest.Method.allCases {
            let request = InputRequest(key: "a", method: method, params: params)
            guard let asked = try? rules.permitted(request, tokens: 100) else { continue }
            if method == .elicit {
                let message = asked.params["message"]?.string ?? ""
                precondition(message.hasPrefix("The server `s` asks: "), "who asks is told")
            }
            _ = request.answer(params)
        }
    }

    private static func check(_ object: JSONObject) {
        _ = try? UpstreamHandshake(object)
        if let found = try? UpstreamHandshake(discovered: object) {
            precondition(found.version.isModern, "what is discovered is modern")
        }
        rounds(object)
        for list in FeatureListMethod.allCases {
            guard let page = try? UpstreamPage(object, of: list) else { continue }
            for definition in page.definitions {
                _ = ListedResource(definition, from: list)?.shown(in: .modern, routedBy: nil)
                if let prompt = try? PromptDefinition(definition) { check(prompt) }
            }
        }
        for method in [CallMethod.readResource, .getPrompt, .complete, .subscribe] {
            guard let result = try? OfferResult(method, object) else { continue }
            let shown = result.shown(in: .newest, routedBy: ServerName("s"))
            precondition((try? OfferResult(method, shown)) != nil, "what is shown is a result")
        }
        guard let result = try? ToolResult(object) else { return }
        for version in ProtocolVersion.allCases {
            let shown = result.shown(in: version, routedBy: ServerName("s"))
            precondition(shown["_meta"]?[RefusalResponse.metaKey] == nil, "only we refuse")
            precondition((try? ToolResult(shown)) != nil, "what is shown is a result")
        }
    }

    /// The retry after a server's requests for input is a valid message that answers each of them.
    private static func rounds(_ object: JSONObject) {
        var rounds = InputRounds()
        let all: JSONObject = ["elicitation": ["url": [:]], "sampling": [:], "roots": [:]]
        guard case .ask(let requests)? = try? rounds.take(object, declared: all) else { return }
        let keys = Set(texts: requests.map(\.key))
        precondition(keys.count == requests.count, "each question is asked once")
        let answers = keys.map { ($0, InputResponse.result(["action": "accept"])) }
        guard (try? rounds.answered(Dictionary(uniqueKeysWithValues: answers))) != nil else {
            preconditionFailure("answers are taken")
        }
        guard
            case .request(let retry) = parsed(
                UpstreamMessages.call(
                    .callTool(name: "t", arguments: Array("{}".utf8)), id: 1,
                    wantsProgress: true, retry: rounds.retry))
        else { preconditionFailure("a retry is a request") }
        precondition(
            retry.params["inputResponses"]?.object?.count == keys.count, "each has its answer")
        precondition(retry.params["requestState"] == object["requestState"], "the exact state")
    }

    private static func check(_ prompt: PromptDefinition) {
        for version in ProtocolVersion.allCases {
            let shown = prompt.shown(as: prompt.name, in: version)
            precondition((try? PromptDefinition(.object(shown))) != nil, "a prompt is shown")
        }
    }

    private static func check(_ tool: ToolDefinition) {
        for version in ProtocolVersion.allCases {
            let shown = tool.shown(as: tool.name.text, in: version)
            precondition((try? ToolDefinition(.object(shown))) != nil, "what is shown is a tool")
        }
        guard let pinned = try? tool.pinned.canonical() else { return }
        precondition(JSONValue.isCanonical(pinned), "pins are canonical")
    }

    private static func parsed(_ bytes: [UInt8]) -> JSONRPCMessage {
        guard
            let value = try? JSONValue(
                parsing: bytes, limits: JSONLimits(bytes: .max, largeIntegers: .keep)),
            let message = try? JSONRPCMessage(value)
        else { preconditionFailure("our own messages are messages") }
        return message
    }
}
