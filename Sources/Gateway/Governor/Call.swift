package import InterlockJSON
package import InterlockMCP
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// A call as every stage below the adapters sees it, independent of era and transport (docs/specs/mcp.md, section 3).
package final class Call: Sendable {
    package let id: CallID
    package let principal: Principal
    package let method: CallMethod
    /// The name or URI as received, with its prefix; `resolve` strips it.
    package let name: String
    /// The server of `/mcp/<server>`; nil at `/mcp`, where the name carries it.
    package let server: ServerName?
    /// The parsed arguments of `CallRequest`. The gateway decides on and sends this value, never the raw bytes.
    package let arguments: JSONValue
    /// The agent's statement of what led to the call; recorded, never an input of `decide`, never forwarded.
    package let context: CallContext?
    private let lookup: CallTarget.Lookup
    package let received: ClockReading
    /// The notifications for the caller, or nil if it asked for none and cannot ask later.
    let notices: CallNotifier?
    package let cancel: CancelToken
    /// Asks the caller for input; is nil if the caller cannot be asked, or the server may ask nothing.
    let input: (any SearchedInputSink)?
    /// True for a call that the gateway makes as a preview for people; it never waits for people itself.
    let isPreview: Bool
    /// The subscriber that receives updates of the resource; is nil for all calls but subscriptions.
    let follower: Follower?
    /// The host that executes the call itself; is nil for all calls but those of server `host`.
    package let host: HostCall?

    init(
        id: CallID, principal: Principal, method: CallMethod, name: String, server: ServerName?,
        arguments: JSONValue, lookup: CallTarget.Lookup,
        context: CallContext? = nil, received: ClockReading,
        notices: CallNotifier?, cancel: CancelToken, input: (any SearchedInputSink)? = nil,
        isPreview: Bool = false, follower: Follower? = nil, host: HostCall? = nil
    ) {
        self.id = id
        self.principal = principal
        self.method = method
        self.name = name
        self.server = server
        self.arguments = arguments
        self.lookup = lookup
        self.context = context
        self.received = received
        self.notices = notices
        self.cancel = cancel
        self.input = input
        self.isPreview = isPreview
        self.follower = follower
        self.host = host
    }

    /// Returns the target, or nil if the name or URI cannot match anything in the policy. `parse` has found it; it is
    /// found again only if another policy has come into force since.
    func target(under policy: PolicySnapshot) -> CallTarget? {
        let current =
            policy === lookup.policy
            ? lookup
            : CallTarget.Lookup(method, name, at: server, arguments: arguments, under: policy)
        return current.target
    }
}
