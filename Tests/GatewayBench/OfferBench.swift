import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockPorts
import Testing

@testable import InterlockMCP

/// A bench whose server also has resources and prompts. `clerk` may read the resources `notes://{id}` except
/// `notes://vault`, and of `files:///` those in `pub`; it may use the prompt `greet`.
enum OfferBench {
    static let policy: [(String, String)] = [
        (
            "      nuke: {class: write, effects: [irreversible]}",
            """
                  nuke: {class: write, effects: [irreversible]}
                resources:
                  note: {uri: "notes://{id}", class: read}
                  vault: {uri: "notes://vault", class: read}
                  files: {uri: "files:///{+path}", class: read}
                prompts:
                  greet: {class: read}
                  hush: {class: read}
            """
        ),
        (
            "mcp_scopes: {desk: [look, report,",
            """
            mcp_scopes: {desk: ["resource:note", \
            {tool: "resource:files", when: "args.path.startsWith('pub/') && call.kind != 'prompt'"}, \
            "prompt:greet", look, report,
            """
        ),
    ]

    static let greet: JSONValue = [
        "name": "greet", "title": "Greet", "description": "greets",
        "arguments": [["name": "who", "required": true], ["name": "how"]],
    ]

    static func offers(
        _ subscriptions: ResourceSubscriptions = .none,
        prompts: [JSONValue] = [greet, ["name": "hush"]]
    ) -> ServerFeatures {
        var offers = ServerFeatures()
        offers.subscriptions = subscriptions
        offers.resources = [
            ["uri": "notes://b", "name": "b", "title": "B"], ["uri": "notes://a", "name": "a"],
            ["uri": "notes://vault", "name": "v"], ["uri": "other://x", "name": "x"],
            ["uri": "files:///pub/x", "name": "f", "_meta": ["secret": 1]],
            ["uri": "notes://../a", "name": "up"],
        ]
        offers.templates = [
            ["uriTemplate": "notes://{id}", "name": "note"],
            ["uriTemplate": "other://{id}", "name": "other"],
        ]
        offers.prompts = prompts
        return offers
    }

    /// - Parameter more: further policy changes, applied after `policy`.
    static func bench(
        _ more: [(String, String)] = [],
        results: any ResultInspector = StubInspector.clean
    ) throws -> Bench {
        let bench = try Bench(policy: policy + more, results: results)
        bench.upstreams.set(offers(), tools: Bench.tools, generation: 2, of: "desk")
        bench.upstreams.answer { call in
            switch call.request.method {
            case .callTool: return .done
            case .readResource:
                let uri = call.request.routingName ?? ""
                guard uri != "notes://gone" else {
                    return .rpcError(code: -32002, message: "no such note")
                }
                return result([
                    "contents": [
                        ["uri": .string(uri), "mimeType": "application/json", "text": "{\"a\":1}"]
                    ]
                ])
            case .getPrompt:
                return result([
                    "messages": [
                        [
                            "role": "user",
                            "content": [
                                "type": "resource", "resource": ["uri": "notes://a", "text": "t"],
                            ],
                        ]
                    ]
                ])
            case .subscribe, .unsubscribe: return .rpcError(code: -32601, message: "no call")
            case .complete: return result(["completion": ["values": ["ann", "ada"]]])
            }
        }
        return bench
    }

    static func result(_ result: JSONObject) -> UpstreamResponse {
        .result(result, bytes: result.serialized())
    }
}

extension Client {
    /// Sends one request and returns the response.
    func ask(
        _ method: String, _ params: JSONObject = [:], path: String = "/mcp"
    ) async -> JSONValue? {
        await send(method, id: nextID(), params, path: path).message
    }
}
