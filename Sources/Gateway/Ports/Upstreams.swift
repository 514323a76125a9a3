package import InterlockJSON
package import InterlockMCP
package import InterlockModel

// The doors between the gateway and the world. Each comment is a contract; an implementation that
// keeps it may replace any other.

/// The upstream MCP servers. Sessions, eras, pooling and processes stay behind this door.
package protocol Upstreams: ResourceFollowing {
    /// What is known of a server now, from memory. Definitions were seen at connect, or since.
    func view(of server: ServerName) -> CatalogState

    /// What it lists beside its tools, from memory. Each change raises the view's `generation`, after it is
    /// told here; a server that is away keeps what it listed.
    func offers(of server: ServerName) -> ServerFeatures

    /// Sends one call and waits for its end. Once a byte was sent it goes out again only where the server
    /// itself says that it did not carry the call out, each time under a new id: its credential was turned away
    /// (401 once, 403 for more scopes twice), its session is gone (404), it speaks another era, or its headers
    /// were not taken (-32020, once, of a tool that is as it was). That word is believed. Silence, a broken
    /// connection and every other answer are never retried. Ends early when `call.cancel` is cancelled, after
    /// having told the upstream, within one second.
    func call(_ call: UpstreamCall) async -> UpstreamResponse

    /// Answers of the server that answered nothing, since it was configured; they were dropped.
    func strayAnswers(of server: ServerName) -> Int

    /// Ends at once the children that serve what is halted, idle ones too; none of them is started again
    /// while it is halted. Calls are cancelled by their tokens, not here.
    ///
    /// - Parameter isHalted: asked now; the agent is nil for the gateway's own sessions.
    /// - Returns: before they are gone, what counts those that are left.
    @discardableResult
    func endChildren(
        where isHalted: @Sendable (ServerName, AgentName?) -> Bool
    ) -> EndingChildren
}

package enum CatalogState: Sendable {
    case unknown
    case connecting
    /// Not offered, with the reason.
    case unavailable(String)
    /// Changes of definitions raise `generation`.
    case ready(generation: UInt64, tools: [JSONValue])
}

/// Definitions as they came; empty where the server has none.
package struct ServerFeatures: Sendable, Equatable {
    package var resources: [JSONValue] = []
    package var templates: [JSONValue] = []
    package var prompts: [JSONValue] = []
    package var subscriptions = ResourceSubscriptions.none
    /// As it said when it was met last.
    package var instructions: String?
    /// The lists of sessions of single agents that announced a change and then listed something else.
    package var apart: [AgentLists] = []

    package init() {}
}

/// The definitions that the session of one agent lists, and no other.
package struct AgentLists: Sendable, Equatable {
    package struct Definitions: Sendable, Equatable {
        package let tools: [JSONValue]
        package let prompts: [JSONValue]

        package init(tools: [JSONValue], prompts: [JSONValue]) {
            self.tools = tools
            self.prompts = prompts
        }
    }

    package let agent: AgentName
    /// nil: the session announced a change and does not list what it is. Any definition may be another one.
    package let definitions: Definitions?

    package init(agent: AgentName, tools: [JSONValue], prompts: [JSONValue]) {
        self.agent = agent
        definitions = Definitions(tools: tools, prompts: prompts)
    }

    package init(unknownOf agent: AgentName) {
        self.agent = agent
        definitions = nil
    }
}

package struct UpstreamCall: Sendable {
    package let call: CallID
    package let agent: AgentName
    package let address: ToolAddress
    /// Made of what was judged.
    package let request: UpstreamRequest
    package let idleLimit: Duration
    package let hardLimit: Duration
    package let cancel: CancelToken
    /// What its server says meanwhile; nil where nobody asked to hear it.
    package let notices: (any NotificationSink)?
    /// Answers what the server asks in the course of the call; nil where it may ask nothing.
    package let input: (any InputSink)?

    package init(
        call: CallID, agent: AgentName, address: ToolAddress, request: UpstreamRequest,
        idleLimit: Duration, hardLimit: Duration, cancel: CancelToken,
        notices: (any NotificationSink)?, input: (any InputSink)? = nil
    ) {
        self.call = call
        self.agent = agent
        self.address = address
        self.request = request
        self.idleLimit = idleLimit
        self.hardLimit = hardLimit
        self.cancel = cancel
        self.notices = notices
        self.input = input
    }
}

package enum UpstreamResponse: Sendable {
    /// The method's result, not checked, and its exact bytes.
    case result(JSONObject, bytes: [UInt8])
    /// The upstream's JSON-RPC error.
    case rpcError(code: Int64, message: String)
    /// The upstream did nothing, since the call did not declare these capabilities.
    case unmet(JSONObject, reason: String)
    case failed(UpstreamOutcome, reason: String)
    case timedOut(UpstreamOutcome)
    /// Not sent, because calls to it fail; one may be sent again after so long.
    case breakerOpen(Duration)
    /// Cancelled; `confirmed` when the upstream never got the call.
    case cancelled(confirmed: Bool)
}
