package import InterlockModel

/// Authorization of agents at the issuers of servers, by an operator's order. Tokens, codes and verifiers stay within
/// the implementation.
package protocol UpstreamAuthorization: Sendable {
    /// Discovers the issuer and makes the URL for the browser. Ends a pending sign-in of the same agent.
    ///
    /// - Parameters:
    ///   - redirect: `http://127.0.0.1:PORT/callback`, where the operator's program listens.
    ///   - by: the operator's pseudonym.
    func begin(_ subject: SignInSubject, redirect: String, by: Pseudonym)
        async throws(SignInRefusal) -> (id: String, url: String)

    /// Takes the query that the browser brought back, once for each id. The authorization is durable and in use on
    /// return. If the policy or a halt would refuse to begin the sign-in now, it is refused and the code is not sent.
    ///
    /// - Parameter admit: receives the agreed authorization and the operator who began the sign-in, before anything is
    ///   stored or used; an error ends the sign-in.
    func finish(
        _ id: String, query: String,
        admit: @Sendable (SignedIn, _ by: Pseudonym) async throws(SignInRefusal) -> Void
    ) async throws(SignInRefusal) -> SignedIn

    /// Deletes the authorization; durable on return. Nothing of it is stored or used afterwards.
    func forget(_ subject: SignInSubject) async throws(SignInRefusal) -> SignedOut

    /// Returns each server and agent of the policy for which a sign-in is possible, sorted.
    func list() -> [SignedIn]
}

package struct SignInSubject: Hashable, Sendable {
    package let server: ServerName
    /// The agent, or nil if only one agent signs in at this server.
    package let agent: AgentName?

    package init(server: ServerName, agent: AgentName?) {
        self.server = server
        self.agent = agent
    }
}

/// An agreed authorization, without any token.
package struct SignedIn: Hashable, Sendable {
    package let server: ServerName
    package let agent: AgentName
    package let issuer: String
    package let scopes: [String]
    /// One of `refreshed`, `until its token ends`, `ended by the issuer` and `nobody`, or the reason why it cannot be
    /// read.
    package let state: String

    package init(
        server: ServerName, agent: AgentName, issuer: String, scopes: [String], state: String
    ) {
        self.server = server
        self.agent = agent
        self.issuer = issuer
        self.scopes = scopes
        self.state = state
    }
}

package struct SignedOut: Hashable, Sendable {
    package let server: ServerName
    package let agent: AgentName
    /// Is true if the issuer revoked it too, or nil if the issuer was not asked.
    package let isRevoked: Bool?

    package init(server: ServerName, agent: AgentName, isRevoked: Bool?) {
        self.server = server
        self.agent = agent
        self.isRevoked = isRevoked
    }
}

/// The reason a sign-in was refused: one sentence without secrets.
package struct SignInRefusal: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case unknown, refused, unavailable
        /// The response may have been injected by an attacker.
        case suspicious
    }
    package let kind: Kind
    package let reason: String
    package let help: String?

    package init(_ kind: Kind, _ reason: String, help: String? = nil) {
        self.kind = kind
        self.reason = reason
        self.help = help
    }
}
