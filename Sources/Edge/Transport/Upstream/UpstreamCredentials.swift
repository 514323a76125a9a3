package import InterlockMCP
package import InterlockModel

/// The header that authenticates an agent to a server. Its value must never be displayed.
package struct UpstreamCredential: Hashable, Sendable {
    package let header: String
    package let value: String

    package init(header: String, value: String) {
        self.header = header
        self.value = value
    }
}

/// The state of an agent's credential in memory.
package enum KnownCredential: Hashable, Sendable {
    /// The server gets no credential from this agent.
    case none
    case ready(UpstreamCredential)
    /// There is a credential, which must be fetched first.
    case toGet
}

/// The reason a request must not be sent: its credential cannot be obtained. One sentence in lower case, without the
/// value.
package struct CredentialFailure: Error, Hashable, Sendable {
    package let reason: String
    package init(_ reason: String) { self.reason = reason }
}

/// The consequence of a rejected credential.
package enum CredentialVerdict: Hashable, Sendable {
    /// A second request, with the next result of `get`, may succeed.
    case again
    /// The server's refusal is final.
    case giveUp
    /// People must act; one sentence in lower case.
    case refuse(CredentialFailure)
}

/// Authenticates agents to one server. Called on the loops, for every request.
package protocol UpstreamCredentials: Sendable {
    /// Returns the known credential without waiting.
    ///
    /// - Parameter agent: nil for the gateway's own session, which only lists.
    func known(_ agent: AgentName?) -> KnownCredential

    /// Returns the valid credential, or nil if the server gets none from this agent. On a failure the request must not
    /// be sent.
    func get(_ agent: AgentName?) async -> Result<UpstreamCredential?, CredentialFailure>

    /// Called after the server rejected a request with this credential by 401 or 403.
    func refused(
        _ credential: UpstreamCredential?, of agent: AgentName?, status: Int,
        _ challenge: BearerChallenge?
    ) async -> CredentialVerdict

    /// Called after the request was repeated following `refused`, and its other credential was rejected by 401 too.
    func exhausted(_ credential: UpstreamCredential?, of agent: AgentName?)
}

/// Headers that never change.
package struct FixedCredentials: UpstreamCredentials {
    private let header: @Sendable (AgentName?) -> UpstreamCredential?

    package init(_ header: @escaping @Sendable (AgentName?) -> UpstreamCredential? = { _ in nil }) {
        self.header = header
    }

    package func known(_ agent: AgentName?) -> KnownCredential {
        header(agent).map { .ready($0) } ?? .none
    }
    package func get(
        _ agent: AgentName?
    ) async -> Result<UpstreamCredential?, CredentialFailure> { .success(header(agent)) }
    package func refused(
        _ credential: UpstreamCredential?, of agent: AgentName?, status: Int,
        _ challenge: BearerChallenge?
    ) async -> CredentialVerdict { .giveUp }
    package func exhausted(_ credential: UpstreamCredential?, of agent: AgentName?) {}
}

/// The repetitions of one request whose credential was rejected (docs/specs/mcp.md, section 8.2): one for another
/// token, two for more scopes.
struct CredentialTries: Sendable {
    private var unauthorized = 1
    private var insufficient = 2

    /// - Returns: true if a repetition is left after this status; it is then used up.
    mutating func take(_ status: Int) -> Bool {
        switch status {
        case 401 where unauthorized > 0:
            unauthorized -= 1
            return true
        case 403 where insufficient > 0:
            insufficient -= 1
            return true
        default: return false
        }
    }
}
