import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

/// Each kind of message of a server has its routes in `ServerTextRouteTests`. The switches have no default, so a kind that
/// is added does not compile here until its route is named, and a route that is named there needs its kind here
/// (docs/specs/output-safety.md, section 2).
@Suite(.requirement("R137")) struct ServerTextRouteListTests {
    private typealias Route = ServerTextRouteTests.Route

    private static func routes(of method: CallMethod) -> [Route] {
        switch method {
        case .callTool:
            [
                .result, .structuredContent, .metadata, .toolError, .brokenResult,
                .embeddedResource, .resourceLink, .violation,
            ]
        case .readResource: [.resource]
        case .getPrompt: [.prompt, .promptViolation]
        case .complete: [.completion]
        // Neither is sent as a call; what follows is a notification.
        case .subscribe, .unsubscribe: []
        }
    }

    private static func routes(of list: FeatureListMethod) -> [Route] {
        switch list {
        case .tools: [.tools, .toolSchema]
        case .resources: [.resources, .resourceURI]
        case .templates: [.templates]
        case .prompts: [.prompts]
        }
    }

    private static func routes(of notification: UpstreamNotification) -> [Route] {
        switch notification {
        case .progress: [.progress]
        case .message: [.log, .logger, .notices]
        case .resourceUpdated: [.resourceUpdate]
        // The first has no words, the second goes nowhere.
        case .listChanged, .other: []
        }
    }

    private static func routes(of request: InputRequest.Method) -> [Route] {
        switch request {
        case .elicit: [.form, .inputKey]
        case .sample: [.sample]
        // It has no words.
        case .listRoots: []
        }
    }

    private static func routes(of response: UpstreamResponse) -> [Route] {
        switch response {
        // Its routes are those of the methods.
        case .result: []
        case .rpcError: [.protocolError]
        case .unmet: [.unmet]
        case .failed: [.failure]
        // These have the gateway's words alone.
        case .exceeded, .timedOut, .breakerOpen, .cancelled: []
        }
    }

    private static let methods: [CallMethod] = [
        .callTool, .readResource, .getPrompt, .complete, .subscribe, .unsubscribe,
    ]
    private static let notifications: [UpstreamNotification] = [
        .progress(token: 1, [:]), .message([:]), .resourceUpdated(uri: "a:b"), .listChanged,
        .other(method: "notifications/other"),
    ]
    private static let responses: [UpstreamResponse] = [
        .result([:], bytes: []), .rpcError(code: 1, message: ""), .unmet([:], reason: ""),
        .failed(.unknown, reason: ""), .timedOut(.unknown), .cancelled(confirmed: true),
    ]

    @Test func `each route is of a kind of message, and no other one is`() {
        var routes: [Route] = [.instructions]
        routes += Self.methods.flatMap { Self.routes(of: $0) }
        routes += FeatureListMethod.allCases.flatMap { Self.routes(of: $0) }
        routes += Self.notifications.flatMap { Self.routes(of: $0) }
        routes += InputRequest.Method.allCases.flatMap { Self.routes(of: $0) }
        routes += Self.responses.flatMap { Self.routes(of: $0) }
        #expect(Set(routes) == Set(Route.allCases))
        #expect(routes.count == Set(routes).count)
    }
}
