package import InterlockJSON
package import InterlockModel

/// An authorization server whose tokens are trusted, and the agents that they identify.
package struct TrustedIssuer: Hashable, Sendable {
    /// `iss`, compared as plain text (RFC 9207, section 2.4).
    package let issuer: String
    /// The URL of the key set: https, or http on loopback.
    package let keysURL: String
    /// `client_id` -> agent, for tokens that a client got for itself or for a person.
    package let clients: [ExactText: AgentName]
    /// `sub` -> agent.
    package let subjects: [ExactText: AgentName]
    /// The claim with the e-mail address of the person for whom the client acts.
    package let personClaim: String?
    /// If true, calls need the scopes that are derived from the policy's servers and classes.
    package let needsScopes: Bool

    package init(
        issuer: String, keysURL: String, clients: [ExactText: AgentName],
        subjects: [ExactText: AgentName], personClaim: String?, needsScopes: Bool
    ) {
        self.issuer = issuer
        self.keysURL = keysURL
        self.clients = clients
        self.subjects = subjects
        self.personClaim = personClaim
        self.needsScopes = needsScopes
    }

    /// Returns the agent and the person that the token identifies. A client that acts for a person must name that
    /// person, because the policy separates requester and approver; a `sub` other than the client therefore requires
    /// the person claim.
    ///
    /// - Returns: nil if the token identifies no agent or two agents, or lacks a required person.
    func identity(of claims: IssuerClaims) -> (agent: AgentName, person: Person?)? {
        if let subject = claims.subject, let agent = subjects[subject] {
            if let client = claims.client, let other = clients[client], other != agent {
                return nil
            }
            return (agent, nil)
        }
        guard let client = claims.client, let agent = clients[client] else { return nil }
        if claims.subject == nil || claims.subject.map({ sameBytes($0, client) }) == true {
            return (agent, nil)
        }
        guard let person = claims.person.flatMap(Person.init) else { return nil }
        return (agent, person)
    }
}

/// The intervals at which an issuer's keys are fetched, and their maximum age.
package struct KeySetTimes: Hashable, Sendable {
    /// The interval between scheduled fetches after a success.
    package let refresh: Duration
    /// The minimum interval between fetches after a failure, or for tokens with unknown keys.
    package let retry: Duration
    /// The age of the last successful fetch after which no token of the issuer is accepted.
    package let maximumAge: Duration

    package init(refresh: Duration, retry: Duration, maximumAge: Duration) {
        self.refresh = refresh
        self.retry = retry
        self.maximumAge = maximumAge
    }
}
