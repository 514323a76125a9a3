package import InterlockApprovals
package import InterlockModel

/// Which services read the people plane with a token (decision 0036).
package protocol ServiceAccountAuthenticator: Sendable {
    /// Whose token this is; nil for one that is malformed, unknown, over or revoked, and for one whose issuer may issue
    /// none any more: which, is not said. From memory, asked with each request and, while a stream is open, again.
    /// Found by a hash, so that time says nothing about a token.
    func service(of token: String) -> ServiceAccount?

    /// The tokens that count, by name.
    var services: [ServiceAccountStatus] { get }
}

/// A service that has shown its token. It can only read: what somebody does takes a `PersonSession`.
package struct ServiceAccount: Hashable, Sendable {
    /// Of its token.
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
    /// The last time that it was shown since the gateway started.
    package let used: Timestamp?

    package init(token: ServiceAccountToken, issuer: Person?, used: Timestamp?) {
        self.token = token
        self.issuer = issuer
        self.used = used
    }
}
