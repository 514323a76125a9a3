/// One HTTP request to an upstream. Only what stands here goes out: no cookies, no proxy, no redirect,
/// no credentials from the environment.
package struct ClientRequest: Sendable {
    package var method: String
    /// `http` or `https`, absolute.
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// Without a byte in either direction.
    package var idleLimit: Duration
    /// From start to end.
    package var hardLimit: Duration
    /// Of the answer's body (specs of MCP, section 10).
    package var responseLimitBytes: Int
    /// Whether only addresses outside of one's own networks may be connected to; judged after names are
    /// resolved, on the address that is connected to.
    package var isPublicOnly = false
    /// The user whose process must be at the other end, on this machine; nil for any. For plain HTTP at an address
    /// or `localhost` alone.
    package var owner: UInt32?
    /// Whose signatures of the server's certificate count besides those that the system knows.
    package var authorities: TLSAuthorities?

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

/// What is read of an answer's head; other fields are dropped.
package struct ClientHead: Equatable, Sendable {
    package var status: Int
    /// As sent, with parameters.
    package var contentType: String?
    /// `Mcp-Session-Id`: visible ASCII, at most 1 KiB, else as if it were absent.
    package var sessionID: String?
    /// The first `WWW-Authenticate` that begins with `Bearer`; at most 4 KiB, else as if it were absent.
    package var challenge: String?

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
        // Nearly every server writes just this.
        if contentType == "application/json" { return contentType }
        let type = contentType.prefix { $0 != ";" }
        return type.filter { $0 != " " && $0 != "\t" }.lowercased()
    }
}

package struct ClientResponse: Equatable, Sendable {
    package var head: ClientHead
    package var body: [UInt8]
}

/// Why there is no whole answer.
package struct ClientFailure: Error, Equatable, Sendable {
    package enum Kind: Sendable { case broken, tooLarge, idle, hard, cancelled }
    package let kind: Kind
    /// Whether the upstream may have got something of the request. False is certain.
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
