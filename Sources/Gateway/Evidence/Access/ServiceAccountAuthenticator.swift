package import InterlockApprovals
package import InterlockModel

/// The service accounts that read the people plane with a token (decision 0036).
package protocol ServiceAccountAuthenticator: Sendable {
    /// Returns the service account of a token. Returns nil, without the reason, if the token is malformed, unknown,
    /// expired or revoked, or if its issuer may no longer issue tokens. Reads from memory; called for each request and,
    /// while a stream is open, repeatedly. The lookup is by hash, so its timing reveals nothing about a token.
    func service(of token: String) -> ServiceAccount?

    /// The valid tokens, by name.
    var services: [ServiceAccountStatus] { get }
}

/// An authenticated service account. It can only read; every action requires a `PersonSession`.
package struct ServiceAccount: Hashable, Sendable {
    /// The id of its token.
    package let id: OrderID
    package let name: ServiceAccountName
    package let role: Role

    package init(id: OrderID, name: ServiceAccountName, role: Role) {
        self.id = id
        self.name = name
        self.role = role
    }
}

package struct ServiceAccountStatus: Sendable {
    package let token: ServiceAccountToken
    package let issuer: Person?
    /// The last use of the token since the gateway started.
    package let used: Timestamp?

    package init(token: ServiceAccountToken, issuer: Person?, used: Timestamp?) {
        self.token = token
        self.issuer = issuer
        self.used = used
    }
}
