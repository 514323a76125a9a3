import InterlockJSON

/// A server's support for subscriptions to single resources.
package enum ResourceSubscriptions: Sendable {
    /// The server does not support subscriptions.
    case none
    /// The server is a legacy server that has resources but does not declare subscriptions. Python SDKs before version
    /// 2 never declare them, even if they support them; only the server's response shows whether it does.
    case undeclared
    case declared

    /// - Parameter capabilities: the capabilities of its handshake.
    init(_ capabilities: JSONObject, in version: ProtocolVersion) {
        let resources = capabilities["resources"]?.object
        if resources?["subscribe"] == true {
            self = .declared
        } else {
            self = resources != nil && !version.isModern ? .undeclared : .none
        }
    }
}
