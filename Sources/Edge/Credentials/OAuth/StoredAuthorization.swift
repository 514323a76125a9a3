import InterlockJSON
package import InterlockModel

/// A person's authorization for one agent at one server, as stored in `state/grants`.
package struct StoredAuthorization: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        /// Usable with this refresh token.
        case good(refresh: String)
        /// The issuer gave no refresh token: when the access token ends, a person must sign in again.
        case short
        /// The issuer refuses it with this code.
        case ended(code: String)
    }

    /// The origin of the client that it was issued to.
    package enum Origin: Hashable, Sendable {
        /// The client's name, or the URL of its document, is in the configuration.
        case configured
        /// The issuer registered the client while the configuration asked for this authentication method.
        case registering(asking: OAuthClient.Method)
    }

    /// The issuer of the token. If this or one of the next four members changes in the configuration, it is no longer
    /// used.
    package let issuer: String
    package let resource: String
    /// The name by which the issuer knows this gateway.
    package let client: String
    package let method: OAuthClient.Method
    package let origin: Origin
    /// The secret that registration issued. Never shown.
    let secret: String?
    package let scopes: [String]
    package var status: Status

    static let largest = 64 << 10
    static let mostScopes = 256

    init(
        issuer: String, resource: String, client: String, method: OAuthClient.Method,
        origin: Origin = .configured, secret: String?, scopes: [String], status: Status
    ) {
        self.issuer = issuer
        self.resource = resource
        self.client = client
        self.method = method
        self.origin = origin
        self.secret = secret
        self.scopes = scopes
        self.status = status
    }

    var bytes: [UInt8] {
        var object: JSONObject = [
            "v": 1, "issuer": .string(issuer), "resource": .string(resource),
            "client": .string(client), "method": .string(method.rawValue),
            "scopes": .array(scopes.map { .string($0) }),
        ]
        if case .registering(let asked) = origin { object["asked"] = .string(asked.rawValue) }
        if let secret { object["secret"] = .string(secret) }
        switch status {
        case .good(let refresh): object["refresh"] = .string(refresh)
        case .short: break
        case .ended(let code): object["ended"] = .string(code)
        }
        return JSONValue.object(object).serialized() + [UInt8(ascii: "\n")]
    }

    /// Returns `bytes` if `init(parsing:)` accepts them.
    ///
    /// - Throws: `refused` otherwise, since written bytes must be readable after a restart.
    func readable() throws(KeyFailure) -> [UInt8] {
        let bytes = bytes
        do throws(FormError) { _ = try StoredAuthorization(parsing: bytes) } catch {
            throw KeyFailure(.refused, "the sign-in cannot be kept: \(error)")
        }
        return bytes
    }

    /// - Throws: an error for everything that `bytes` does not produce.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value = try StrictFields.value(bytes, limit: Self.largest)
        let fields = try StrictFields(
            value, required: ["v", "issuer", "resource", "client", "method", "scopes"],
            optional: ["asked", "secret", "refresh", "ended"])
        _ = try fields.integer("v", in: 1...1)
        issuer = try fields.string("issuer", length: 1...1024)
        resource = try fields.string("resource", length: 1...2048)
        client = try fields.string("client", length: 1...1024)
        method = try Self.method("method", in: fields)
        origin =
            fields.has("asked")
            ? .registering(asking: try Self.method("asked", in: fields)) : .configured
        secret = fields.has("secret") ? try fields.string("secret", length: 1...1024) : nil
        let words = try fields.array("scopes", count: 0...Self.mostScopes)
        guard words.allSatisfy({ $0.string != nil }) else {
            throw .badMember("scopes", "a list of words")
        }
        scopes = words.compactMap(\.string)
        switch (fields.has("refresh"), fields.has("ended")) {
        case (true, false):
            status = .good(refresh: try fields.string("refresh", length: 1...8192))
        case (false, true): status = .ended(code: try fields.string("ended", length: 1...64))
        case (false, false): status = .short
        case (true, true): throw .badMember("ended", "absent beside `refresh`")
        }
    }

    private static func method(
        _ name: String, in fields: StrictFields
    ) throws(FormError) -> OAuthClient.Method {
        try fields.made(name, "a way of proving oneself") { OAuthClient.Method(rawValue: $0) }
    }
}
