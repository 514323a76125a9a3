import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// One agent's access to an upstream, or the gateway's own: a session of the legacy era, or requests of the modern era,
/// which need no session. May be called on any loop.
///
/// INVARIANT: an id is used once at an upstream, in every round of a call too. Kept by `HTTPUpstreamTests`,
/// `ModernHTTPTests`.
protocol UpstreamSession: AnyObject, Sendable {
    /// Implements `Upstreams.call`.
    func call(_ call: UpstreamCall) async -> UpstreamResponse
    /// Lists all pages of all features. A list other than that of tools is empty if the server answers it with an error
    /// or with something that cannot be used.
    func list() async -> Result<ListedOffers, UpstreamFailure>
    /// Receives announcements of changed tools until the server ends the stream. Returns at once if the server does not
    /// support this, or announces changes on an existing stream.
    func listen() async
    /// Receives updates of the resources that a listener wants, under the current opening; one listener at a time.
    /// Returns when the server ends the stream, cannot be asked now, or nothing is wanted.
    func follow(_ listener: ResourceUpdateListener) async
    /// Ends the child at once, if there is one, because what it serves was halted.
    ///
    /// - Parameter ending: counts the child until it is gone.
    func endChild(_ ending: EndingChildren)
    /// Closes the session gracefully; calls in flight end first, as failed.
    func close() async
}

struct ListedOffers: Sendable {
    var tools: [JSONValue] = []
    var offers = ServerFeatures()
    /// The lifetime of the shortest-lived list according to the server, or nil if it states none.
    var lifetime: Duration?

    /// Returns the first definition with that name, as written by the server.
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

/// The agent of a session, and the input that the server may request in it. The legacy era declares the latter once per
/// session, so calls with other capabilities need other sessions (docs/specs/mcp.md, section 5.3).
struct SessionKey: Hashable, Sendable {
    /// The agent, or nil for the gateway's own session, which only lists.
    let agent: AgentName?
    var declared = JSONObject()
    /// True if a server of both eras is asked in the legacy one, because the caller is: the server's tools request input
    /// as the era does, and a tool that does so in one of them alone fails in the other.
    var prefersLegacy = false
}

extension UpstreamResponse {
    /// Returns nil if the error concerns the call itself: a modern server has executed something, or has not said.
    init?(unmet error: JSONRPCError) {
        guard let reason = error.unmet else { return nil }
        self =
            error.missingCapabilities.map { .unmet($0, reason: reason) }
            ?? .failed(.notExecuted, reason: reason)
    }
}

/// The reason an upstream cannot be used now; one sentence in lower case.
struct UpstreamFailure: Error, Sendable, CustomStringConvertible {
    let description: String
    /// True if the upstream may have received the request.
    var wasSent = false
    /// True if the server answered this one request, with an error or with something that cannot be used.
    var wasAnswered = false
    /// True if the child that was asked has ended.
    var hasNoChild = false
    init(
        _ description: String, wasSent: Bool = false, wasAnswered: Bool = false,
        hasNoChild: Bool = false
    ) {
        self.description = description
        self.wasSent = wasSent
        self.wasAnswered = wasAnswered
        self.hasNoChild = hasNoChild
    }
}
