import InterlockJSON

/// What a server says of subscriptions to single resources.
package enum ResourceSubscriptions: Sendable {
    /// Nobody can subscribe.
    case none
    /// A legacy server that has resources and does not promise it. The SDKs for Python before 2 never do,
    /// also where they serve it: what the server answers shows it.
    case undeclared
    case declared

    /// - Parameter capabilities: of its handshake.
    init(_ capabilities: JSONObject, in version: ProtocolVersion) {
        let resources = capabilities["resources"]?.object
        if resources?["subscribe"] == true {
            self = .declared
        } else {
            self = resources != nil && !version.isModern ? .undeclared : .none
        }
    }
}
