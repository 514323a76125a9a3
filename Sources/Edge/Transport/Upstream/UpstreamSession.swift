import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// What one upstream is to one agent, or to the gateway itself: a session of the legacy era, or requests
/// of the modern era, which need none. From any loop.
protocol UpstreamSession: AnyObject, Sendable {
    /// As `Upstreams.call`.
    func call(_ call: UpstreamCall) async -> UpstreamResponse
    /// All pages of all that the server offers. Where it has tools and fails at another list, that one is
    /// empty.
    func list() async -> Result<ListedOffers, UpstreamFailure>
    /// Hears of changed tools until the server says no more. Returns at once where it does not offer that,
    /// or where it says so over the messages that come anyway.
    func listen() async
    /// Hears of the resources that an ear wants, with what the session has agreed on; one ear at a time.
    /// Returns when the server says no more, or cannot be asked now, or the ear wants nothing.
    func follow(_ ear: ResourceUpdateListener) async
    /// Ends the child at once, where there is one: what it serves has been halted.
    ///
    /// - Parameter ending: counts it until it is gone.
    func endChild(_ ending: EndingChildren)
    /// Ends the session in good form; calls in flight end first as failed.
    func close() async
}

struct ListedOffers: Sendable {
    var tools: [JSONValue] = []
    var offers = ServerFeatures()
    /// How long the server says that the shortest-lived list holds; nil where it says nothing.
    var lifetime: Duration?

    /// The first of that name, as the server wrote it.
    func definition(of tool: ToolName) -> JSONValue? {
        tools.first { $0["name"] == .string(tool.text) }
    }

    mutating func add(_ list: UpstreamList) {
        switch list.list {
        case .tools: tools = list.definitions
        case .resources: offers.resources = list.definitions
        case .templates: offers.templates = list.definitions
        case .prompts: offers.prompts = list.definitions
        }
        guard let milliseconds = list.lifetimeMilliseconds else { return }
        let listed = Duration.milliseconds(milliseconds)
        lifetime = min(lifetime ?? listed, listed)
    }
}

/// Whose session it is, and what the server may ask in the course of it: the legacy era declares that
/// once, so callers that can answer other things need other sessions (specs of MCP, section 5.3).
struct SessionKey: Hashable, Sendable {
    /// nil: the gateway's own, which only lists.
    let agent: AgentName?
    var declared = JSONObject()
}

extension UpstreamResponse {
    /// nil for an error of the call itself: a modern server has done something, or has not said.
    init?(unmet error: JSONRPCError) {
        guard let reason = error.unmet else { return nil }
        self =
            error.missingCapabilities.map { .unmet($0, reason: reason) }
            ?? .failed(.notExecuted, reason: reason)
    }
}

/// Why an upstream cannot be used now; one sentence, lower case.
struct UpstreamFailure: Error, Sendable, CustomStringConvertible {
    let description: String
    /// Whether the upstream may have got the request.
    var wasSent = false
    /// Whether it is the server's own no to one request.
    var isRefusal = false
    /// Whether the child is gone that was asked.
    var hasNoChild = false
    init(
        _ description: String, wasSent: Bool = false, isRefusal: Bool = false,
        hasNoChild: Bool = false
    ) {
        self.description = description
        self.wasSent = wasSent
        self.isRefusal = isRefusal
        self.hasNoChild = hasNoChild
    }
}
