package import InterlockJSON
package import InterlockMCP
package import InterlockModel
package import InterlockPorts

/// A call as every stage below the adapters sees it: no era, no transport (specs of MCP, section 3).
package final class Call: Sendable {
    package let id: CallID
    package let principal: Principal
    package let method: CallMethod
    /// Name or URI as it was sent, still with its prefix; `resolve` strips it.
    package let name: String
    /// The server of `/mcp/<server>`; nil at `/mcp`, where the name carries it.
    package let server: ServerName?
    /// The parsed tree, as `CallRequest` has it. What is decided is what is sent, never the raw bytes.
    package let arguments: JSONValue
    /// What the agent says led to the call; recorded, never an input of `decide`, never sent on.
    package let context: CallContext?
    package let received: ClockReading
    /// What the caller hears meanwhile; nil where it asked for nothing, and cannot later.
    let notices: CallNotifier?
    package let cancel: CancelToken
    /// Asks the caller; nil where it cannot be asked, or the server may ask nothing.
    package let input: (any InputSink)?
    /// Made by the gateway to show people what is there; it never waits for people itself.
    let isPreview: Bool
    /// Who is told when the resource changes; nil for all but subscriptions.
    let follower: Follower?

    init(
        id: CallID, principal: Principal, method: CallMethod, name: String, server: ServerName?,
        arguments: JSONValue, context: CallContext? = nil, received: ClockReading,
        notices: CallNotifier?, cancel: CancelToken, input: (any InputSink)? = nil,
        isPreview: Bool = false, follower: Follower? = nil
    ) {
        self.id = id
        self.principal = principal
        self.method = method
        self.name = name
        self.server = server
        self.arguments = arguments
        self.context = context
        self.received = received
        self.notices = notices
        self.cancel = cancel
        self.input = input
        self.isPreview = isPreview
        self.follower = follower
    }
}
