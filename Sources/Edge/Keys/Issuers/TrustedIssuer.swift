package import InterlockJSON
package import InterlockModel

/// An authorization server whose tokens count, and for which agents.
package struct TrustedIssuer: Hashable, Sendable {
    /// `iss`, compared as plain text (RFC 9207, section 2.4).
    package let issuer: String
    /// Where its keys are: https, or http on loopback.
    package let keysURL: String
    /// `client_id` -> agent, for tokens that a client got for itself or for a person.
    package let clients: [ExactText: AgentName]
    /// `sub` -> agent.
    package let subjects: [ExactText: AgentName]
    /// The claim with the e-mail address of the person for whom the client acts.
    package let personClaim: String?
    /// Whether calls need the scopes that the policy's servers and classes make.
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

    /// Whom the token names. A client that acts for somebody must say for whom, because the policy keeps
    /// requester and approver apart: so a `sub` other than the client needs the claim.
    ///
    /// - Returns: nil when nobody, or two agents, are named.
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

/// How long an issuer's keys are believed, and how often they are asked for.
package struct KeySetTimes: Hashable, Sendable {
    /// Between two looks that nothing asked for.
    package let refresh: Duration
    /// Between two looks at least, however many tokens name keys that are not known.
    package let retry: Duration
    /// Without a look that succeeded: afterwards no token of the issuer counts.
    package let maximumAge: Duration

    package init(refresh: Duration, retry: Duration, maximumAge: Duration) {
        self.refresh = refresh
        self.retry = retry
        self.maximumAge = maximumAge
    }
}
