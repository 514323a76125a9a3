package import InterlockJSON
package import InterlockModel

/// The owner of a session. Another credential of the same agent and run may continue the session.
package struct SessionOwner: Hashable, Sendable {
    package let agent: AgentName
    package let run: RunID
    package init(_ principal: Principal) {
        agent = principal.agent
        run = principal.run
    }
}

/// A session id: 256 random bits in 43 visible ASCII characters.
package struct SessionID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package var description: String { text }

    /// - Parameter random: 32 bytes.
    package init(random: [UInt8]) {
        precondition(random.count == 32, "a session id takes 256 random bits")
        text = Base64.encodeURL(random)
    }

    /// Accepts any header value; the session table determines whether it names a session.
    package init(_ text: String) { self.text = text }
}

/// An agent's session in the legacy eras.
///
/// It begins with the response to `initialize`, is initialized after `notifications/initialized`, and ends by DELETE,
/// after half an hour without use, or to make room for another session of its owner.
package struct LegacySession: Sendable {
    package let id: SessionID
    package let owner: SessionOwner
    package let version: ProtocolVersion
    /// The capabilities declared at `initialize`, which determine the input that the client may be asked for.
    package let capabilities: JSONObject
    package internal(set) var isInitialized = false
    /// The minimum severity of the log messages that the client requested, or nil if it has requested none.
    package internal(set) var logLevel: LogLevel?
    package internal(set) var lastUsed: BootTime
    /// The ids of requests that are not yet answered.
    package internal(set) var open: Set<RequestID> = []
    /// True while the one standalone GET stream is open.
    package internal(set) var hasStream = false

    var isIdle: Bool { open.isEmpty && !hasStream }
}
