package import InterlockApprovals
package import InterlockModel

/// Which services read the people plane with a token (decision 0036).
package protocol ServiceDoor: Sendable {
    /// Whose token this is; nil for one that is malformed, unknown, over or revoked, and for one whose issuer may issue
    /// none any more: which, is not said. From memory, asked with each request and, while a stream is open, again.
    /// Found by a hash, so that time says nothing about a token.
    func service(of token: String) -> Service?

    /// The tokens that count, by name.
    var services: [ServiceStanding] { get }
}

/// A service that has shown its token. It can only read: what somebody does takes a `PersonSession`.
package struct Service: Hashable, Sendable {
    /// Of its token.
    package let id: OrderID
    package let name: ServiceName
    package let role: Role

    package init(id: OrderID, name: ServiceName, role: Role) {
        self.id = id
        self.name = name
        self.role = role
    }
}

package struct ServiceStanding: Sendable {
    package let token: ServiceToken
    package let issuer: Person?
    /// The last time that it was shown since the gateway started.
    package let used: Timestamp?

    package init(token: ServiceToken, issuer: Person?, used: Timestamp?) {
        self.token = token
        self.issuer = issuer
        self.used = used
    }
}
