package import InterlockModel

/// Signing in at servers' issuers for agents, by an operator's order. Tokens, codes and verifiers stay behind
/// this port.
package protocol UpstreamAuthorization: Sendable {
    /// Finds the issuer and makes what a browser opens. An earlier one for the same agent that still waits is
    /// over.
    ///
    /// - Parameters:
    ///   - redirect: `http://127.0.0.1:PORT/callback`, where the operator's program listens.
    ///   - by: the operator.
    func begin(
        _ subject: SignInSubject, redirect: String, by: Pseudonym
    ) async throws(SignInRefusal) -> (id: String, url: String)

    /// What the browser brought back, once for each id. Durable on return, and used from then on. Refused
    /// where the policy or a halt would refuse to begin it now; the code goes to nobody then.
    ///
    /// - Parameter admit: called with what was agreed to and who began it, before anything of it is kept or
    ///   used; a failure ends the sign-in.
    func finish(
        _ id: String, query: String,
        admit: @Sendable (SignedIn, _ by: Pseudonym) async throws(SignInRefusal) -> Void
    ) async throws(SignInRefusal) -> SignedIn

    /// Durable on return: nothing of it is kept or used any more.
    func forget(_ subject: SignInSubject) async throws(SignInRefusal) -> SignedOut

    /// Each server and agent of the policy for whom somebody may sign in, sorted.
    func list() -> [SignedIn]
}

package struct SignInSubject: Hashable, Sendable {
    package let server: ServerName
    /// nil for the one agent that signs in there.
    package let agent: AgentName?

    package init(server: ServerName, agent: AgentName?) {
        self.server = server
        self.agent = agent
    }
}

/// What somebody has agreed to, without any token.
package struct SignedIn: Hashable, Sendable {
    package let server: ServerName
    package let agent: AgentName
    package let issuer: String
    package let scopes: [String]
    /// `refreshed`, `until its token ends`, `ended by the issuer`, `nobody`, or why it cannot be read.
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
    /// Whether the issuer ended it too; nil where it was not asked.
    package let isRevoked: Bool?

    package init(server: ServerName, agent: AgentName, isRevoked: Bool?) {
        self.server = server
        self.agent = agent
        self.isRevoked = isRevoked
    }
}

/// Why there is no sign-in. One sentence, without anything secret.
package struct SignInRefusal: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case unknown, refused, unavailable
        /// Somebody may have put the answer there.
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
