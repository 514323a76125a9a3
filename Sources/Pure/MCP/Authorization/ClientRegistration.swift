import InterlockJSON

/// The metadata with which the gateway registers as a client of an authorization server (RFC 7591, section 2).
package struct ClientRegistration: Hashable, Sendable {
    package let redirect: String
    /// The value of `token_endpoint_auth_method`.
    package let method: String
    /// The requested scopes; the member is omitted if they are empty.
    package let scopes: [String]

    package init(redirect: String, method: String, scopes: [String]) {
        self.redirect = redirect
        self.method = method
        self.scopes = scopes
    }

    package var body: [UInt8] {
        var object: JSONObject = [
            "client_name": "Interlock", "application_type": "native",
            "redirect_uris": .array([.string(redirect)]),
            "grant_types": .array([.string("authorization_code"), .string("refresh_token")]),
            "response_types": .array([.string("code")]),
            "token_endpoint_auth_method": .string(method),
        ]
        if !scopes.isEmpty { object["scope"] = .string(scopes.joined(separator: " ")) }
        return JSONValue.object(object).serialized()
    }
}

/// The registered client (RFC 7591, section 3.2.1). Its secret is never displayed.
package struct RegisteredClient: Hashable, Sendable {
    package let id: String
    /// The client secret, in printable ASCII.
    package let secret: String?
    package let method: String

    /// - Parameters:
    ///   - status: the HTTP status. 201, or 200 as some servers send, means registered; any other means refused.
    ///   - asked: the authentication method of the request, which applies if the response names none: an issuer that
    ///     registers with another method has to say so (RFC 7591, section 3.2.1).
    package init(status: Int, _ bytes: [UInt8], asked: String) throws(MetadataFault) {
        guard status == 201 || status == 200 else { throw .lacks("registration of this client") }
        let fields = try MetadataFields(bytes)
        guard let id = try fields.text("client_id") else { throw .missing("client_id") }
        let secret = try fields.text("client_secret")
        for (name, text) in [("client_id", id), ("client_secret", secret ?? "")] {
            guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else { throw .malformed(name) }
        }
        self.id = id
        self.secret = secret
        method = try fields.text("token_endpoint_auth_method") ?? asked
        guard method == "none" || secret != nil else { throw .missing("client_secret") }
    }
}
