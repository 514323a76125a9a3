/// One HTTP request to an upstream. Only these members are sent: no cookies, no proxy, no redirects, no credentials
/// from the environment.
package struct ClientRequest: Sendable {
    package var method: String
    /// An absolute `http` or `https` URL.
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// The longest time without a byte in either direction.
    package var idleLimit: Duration
    /// The longest time from start to end.
    package var hardLimit: Duration
    /// The maximum size of the response's body (docs/specs/mcp.md, section 10).
    package var responseLimitBytes: Int
    /// True if only addresses outside private networks may be connected to. Checked after name resolution, on the
    /// address that is used.
    package var isPublicOnly = false
    /// False if a name, in contrast to an address in the URL itself, may lead to public addresses only. Checked for each
    /// new connection.
    package var allowsPrivateNames = true
    /// The user on this machine whose process must be the peer, or nil for any. Only for plain HTTP to an address or
    /// `localhost`.
    package var owner: UInt32?
    /// Certificate authorities in addition to those of the system.
    package var authorities: TLSAuthorities?
    /// The addresses to connect to, in this order, which the caller has checked; no name is looked up then, and the
    /// connection carries this request alone. nil for those of the URL's host.
    var addresses: [SocketAddress]?
    /// The node that must be at the other end; nil for servers of other kinds.
    var pinned: PinnedConnection?
    /// True if the fields of the response are needed.
    var keepsFields = false

    package static let responseLimitBytes = 16 << 20

    package init(
        method: String = "POST", url: String, headers: [(name: String, value: String)] = [],
        body: [UInt8] = [], idleLimit: Duration = .seconds(60),
        hardLimit: Duration = .seconds(600), responseLimitBytes: Int = Self.responseLimitBytes
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.idleLimit = idleLimit
        self.hardLimit = hardLimit
        self.responseLimitBytes = responseLimitBytes
    }
}

/// The used parts of a response's head; other fields are dropped, unless the request keeps them.
package struct ClientHead: Equatable, Sendable {
    struct Field: Equatable, Sendable {
        /// The name in lower case.
        let name: String
        let value: String
    }

    package var status: Int
    /// `Content-Type` as sent, with parameters.
    package var contentType: String?
    /// `Mcp-Session-Id`: visible ASCII of at most 1 KiB, otherwise treated as absent.
    package var sessionID: String?
    /// The first `WWW-Authenticate` that begins with `Bearer`, of at most 4 KiB, otherwise treated as absent.
    package var challenge: String?
    /// All fields in the order of the response if the request keeps them, otherwise none.
    var fields: [Field] = []

    package init(status: Int, contentType: String? = nil, sessionID: String? = nil) {
        self.status = status
        self.contentType = contentType
        self.sessionID = sessionID
    }

    static let challengeBytes = 4096

    mutating func take(challenge text: String) {
        guard challenge == nil, text.utf8.count <= Self.challengeBytes,
            text.prefix(7).lowercased() == "bearer "
        else { return }
        challenge = text
    }

    /// The media type, in lower case and without parameters.
    var mediaType: String {
        guard let contentType else { return "" }
        // The common case.
        if contentType == "application/json" { return contentType }
        let type = contentType.prefix { $0 != ";" }
        return type.filter { $0 != " " && $0 != "\t" }.lowercased()
    }
}

package struct ClientResponse: Equatable, Sendable {
    package var head: ClientHead
    package var body: [UInt8]
}

/// The reason a complete response is missing.
package struct ClientFailure: Error, Equatable, Sendable {
    package enum Kind: Sendable { case broken, tooLarge, idle, hard, cancelled }
    package let kind: Kind
    /// True if the upstream may have received a part of the request. False is certain.
    package let wasSent: Bool
    package let reason: String

    package init(_ kind: Kind, wasSent: Bool, _ reason: String) {
        self.kind = kind
        self.wasSent = wasSent
        self.reason = reason
    }

    package static func == (a: ClientFailure, b: ClientFailure) -> Bool {
        a.kind == b.kind && a.wasSent == b.wasSent
    }
}
