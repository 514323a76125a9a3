package import InterlockMCP
package import InterlockModel

/// The header that proves an agent to a server. Its value is never shown.
package struct UpstreamCredential: Hashable, Sendable {
    package let header: String
    package let value: String

    package init(header: String, value: String) {
        self.header = header
        self.value = value
    }
}

/// What is in memory of an agent's credential.
package enum KnownCredential: Hashable, Sendable {
    /// The server gets none from this agent.
    case none
    case ready(UpstreamCredential)
    /// There is one, and it has to be got first.
    case toGet
}

/// Why a request must not leave: its credential cannot be had. One sentence, lower case, without a value.
package struct CredentialFailure: Error, Hashable, Sendable {
    package let reason: String
    package init(_ reason: String) { self.reason = reason }
}

/// What comes of a credential that was turned away.
package enum CredentialVerdict: Hashable, Sendable {
    /// A second request, with what `get` gives then, may fare better.
    case again
    /// The server's refusal is all there is to say.
    case giveUp
    /// People must do something; one sentence, lower case.
    case refuse(CredentialFailure)
}

/// Proves agents to one server. Asked from the loops, by every request.
package protocol UpstreamCredentials: Sendable {
    /// Without waiting.
    ///
    /// - Parameter agent: nil stands for the gateway's own session, which only lists.
    func known(_ agent: AgentName?) -> KnownCredential

    /// What counts now; nil where the server gets none from this agent. A failure means that the request
    /// must not leave.
    func get(_ agent: AgentName?) async -> Result<UpstreamCredential?, CredentialFailure>

    /// The server has turned a request with this credential away, by 401 or 403.
    ///
    func refused(
        _ credential: UpstreamCredential?, of agent: AgentName?, status: Int,
        _ challenge: BearerChallenge?
    ) async -> CredentialVerdict

    /// The request has gone out again after `refused`, and its other credential was turned away by 401 too.
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

/// How often one request may go out again because its credential was turned away (specs of MCP, section
/// 8.2): once for another token, twice for more scopes.
struct CredentialTries: Sendable {
    private var unauthorized = 1
    private var insufficient = 2

    /// - Returns: whether there is a try left after this status. It is used up.
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
