package import InterlockJSON
package import InterlockModel

/// To whom a session belongs. Another credential of the same agent and run may go on with it.
package struct SessionOwner: Hashable, Sendable {
    package let agent: AgentName
    package let run: RunID
    package init(_ principal: Principal) {
        agent = principal.agent
        run = principal.run
    }
}

/// 256 random bits in 43 visible ASCII characters.
package struct SessionID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package var description: String { text }

    /// - Parameter random: 32 bytes.
    package init(random: [UInt8]) {
        precondition(random.count == 32, "a session id takes 256 random bits")
        text = Base64.encodeURL(random)
    }

    /// Any header value; whether it names a session is the table's question.
    package init(_ text: String) { self.text = text }
}

/// One agent's session of the legacy eras.
///
/// Begins at the answer to `initialize`; `isInitialized` after `notifications/initialized`; ends by
/// DELETE, after half an hour without use, or to make room for another of its owner.
package struct LegacySession: Sendable {
    package let id: SessionID
    package let owner: SessionOwner
    package let version: ProtocolVersion
    /// Declared at `initialize`; who can be asked what.
    package let capabilities: JSONObject
    package internal(set) var isInitialized = false
    /// The least severe log messages that it asked for; nil before it did.
    package internal(set) var logLevel: LogLevel?
    package internal(set) var lastUsed: BootTime
    /// Requests that wait for their answer.
    package internal(set) var open: Set<RequestID> = []
    /// The one standalone GET stream.
    package internal(set) var hasStream = false

    var isIdle: Bool { open.isEmpty && !hasStream }
}
