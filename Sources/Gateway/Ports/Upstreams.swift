package import InterlockJSON
package import InterlockMCP
package import InterlockModel

// The ports between the gateway and upstream servers. Each comment is a contract; an implementation that satisfies it
// may replace any other.

/// The upstream MCP servers. The implementation owns sessions, eras, pooling and processes.
package protocol Upstreams: ResourceFollowing {
    /// Returns the state of a server that is known now, from memory. Definitions were received at connect or later.
    func view(of server: ServerName) -> CatalogState

    /// Returns the features other than tools that a server lists, from memory. Each change raises the view's
    /// `generation` after it is visible here; an absent server keeps its last lists.
    func offers(of server: ServerName) -> ServerFeatures

    /// Sends one call and waits for its end. Once a byte was sent the call is retried only if the server itself says
    /// that it did not execute it, each time under a new id: its credential was rejected (401 once, 403 for more scopes
    /// twice), its session is gone (404), it speaks another era, or its headers were rejected (-32020, once, for a tool
    /// whose definition is unchanged). The server's statement is trusted. Silence, a broken connection and every other
    /// response are never retried. If `call.cancel` is cancelled, the upstream is notified and the call returns within
    /// one second.
    func call(_ call: UpstreamCall) async -> UpstreamResponse

    /// The number of responses that matched no request since the server was configured; they were dropped.
    func strayAnswers(of server: ServerName) -> Int

    /// Ends the children that serve a halted target at once, idle ones too; none of them is restarted while it is
    /// halted. Calls are cancelled by their tokens, not here.
    ///
    /// - Parameter isHalted: evaluated now; the agent is nil for the gateway's own sessions.
    /// - Returns: before the children are gone; the result counts those that remain.
    @discardableResult func endChildren(where isHalted: @Sendable (ServerName, AgentName?) -> Bool)
        -> EndingChildren
}

package enum CatalogState: Sendable {
    case unknown
    case connecting
    /// The server is not offered, for the reason given.
    case unavailable(String)
    /// The server is usable. Changes of definitions raise `generation`.
    case ready(generation: UInt64, tools: [JSONValue])
}

/// Definitions as the server sent them; empty if it sent no definitions.
package struct ServerFeatures: Sendable, Equatable {
    package var resources: [JSONValue] = []
    package var templates: [JSONValue] = []
    package var prompts: [JSONValue] = []
    package var subscriptions = ResourceSubscriptions.none
    /// The text that the server sent when it last initialized.
    package var instructions: String?
    /// The lists of single agents' sessions that announced a change and then listed something else.
    package var apart: [AgentLists] = []

    package init() {}
}

/// The definitions that only the session of one agent lists.
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
    /// The definitions, or nil if the session announced a change and does not list its state; then any definition may
    /// differ.
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
    /// The request, made from the values that were decided on.
    package let request: UpstreamRequest
    package let idleLimit: Duration
    package let hardLimit: Duration
    package let cancel: CancelToken
    /// Receives the server's notifications during the call, or nil if the caller asked for none.
    package let notices: (any NotificationSink)?
    /// Answers the server's requests for input during the call, or nil if it may ask for none.
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

/// The limit that an answer of an upstream exceeds before it can be read (docs/specs/output-safety.md, section 3).
package struct ResponseExcess: Sendable, Hashable {
    package enum Limit: Sendable {
        /// Levels of nesting.
        case depth
        /// Bytes, values, members or digits.
        case size
    }

    package let limit: Limit
    /// The limit in words, as a clause about the answer.
    package let reason: String

    package init(_ limit: Limit, _ reason: String) {
        self.limit = limit
        self.reason = reason
    }

    /// Is nil for bytes that are no JSON at all.
    package init?(_ error: JSONError) {
        switch error.kind {
        case .depth: self.init(.depth, "\(error)")
        case .size, .members, .numberLength: self.init(.size, "\(error)")
        case .syntax, .unexpectedEnd, .trailing, .byteOrderMark, .duplicateKey, .invalidUTF8,
            .loneSurrogate, .marks, .integerRange, .numberRange:
            return nil
        }
    }
}

package enum UpstreamResponse: Sendable {
    /// The method's result, unchecked, and its exact bytes.
    case result(JSONObject, bytes: [UInt8])
    /// The upstream's JSON-RPC error.
    case rpcError(code: Int64, message: String)
    /// The upstream did nothing because the call did not declare these capabilities.
    case unmet(JSONObject, reason: String)
    case failed(UpstreamOutcome, reason: String)
    /// The upstream's answer exceeds a limit, so that it was not read; the call may have been executed.
    case exceeded(ResponseExcess)
    case timedOut(UpstreamOutcome)
    /// Not sent, because calls to the server fail; a call may be sent again after this duration.
    case breakerOpen(Duration)
    /// Cancelled; `confirmed` if the upstream never received the call.
    case cancelled(confirmed: Bool)
}

/// Receives the notifications that a server sends during one call. The sink filters and bounds them and forwards them
/// to the caller; an upstream session passes on everything that its server sends.
package protocol NotificationSink: Sendable {
    /// True if the open request asked for progress.
    var wantsProgress: Bool { get }

    /// The least severe level of log messages that the caller asked for, or nil if it asked for none.
    var logLevel: LogLevel? { get }

    /// Takes the members of a `notifications/progress` of this call.
    func progress(_ params: JSONObject)

    /// Takes the members of a `notifications/message` that certainly belongs to this call.
    func log(_ params: JSONObject)
}

/// Asks the caller of one call for the input that its server requests. The implementation applies policy, records and
/// halts: an upstream session passes on the requests and sends back the responses.
package protocol InputSink: Sendable {
    /// The `capabilities` to declare to the server for this call: those that the caller declared, that can be bridged
    /// and that the policy allows. The server must not ask for anything else.
    var declared: JSONObject { get }
    /// The era in which the caller is asked. A server that speaks both asks in the same way.
    var era: Era { get }

    /// Performs one round and waits for people; the call's deadlines do not count the wait. Rounds must not overlap.
    func ask(_ requests: [InputRequest]) async -> InputRound
}

package enum InputRound: Sendable {
    /// A response to each request, by the request's key.
    case answered([ExactText: InputResponse])
    /// The caller disconnected, was halted or was asked too often: the call ends and is cancelled upstream.
    case abandoned(reason: String)
}

/// Follows updates of single resources (docs/specs/mcp.md, sections 5.2 and 6).
package protocol ResourceFollowing: Sendable {
    /// Calls `changed` from this call on for these resources of a server and for no others, with the agent's
    /// credential; replaces the previously followed set, and an empty set ends following. Returns at once: if a server
    /// is absent, silent or new, the subscription is retried until it succeeds. Changes in the meantime are lost.
    /// Callers hold a lock: `changed` must not be called from within this method.
    ///
    /// - Parameters:
    ///   - uris: URIs in the form of `ResourceURI`.
    ///   - changed: receives the URI, at most ten times a second for each, from any thread.
    func follow(
        _ uris: Set<ExactText>, of server: ServerName, for agent: AgentName,
        _ changed: @escaping @Sendable (_ uri: String) -> Void)

    /// The number of updates, since the server was configured, of resources that no session follows; they were dropped.
    func strayUpdates(of server: ServerName) -> Int
}
