import InterlockJSON
package import InterlockModel

/// What a person has agreed to for one agent at one server, as it is kept in `state/grants`.
package struct StoredAuthorization: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        /// Counts, by this refresh token.
        case good(refresh: String)
        /// The issuer gave no refresh token: when its token ends, somebody signs in again.
        case short
        /// The issuer refuses it, with this code.
        case ended(code: String)
    }

    /// Where its client comes from.
    package enum Origin: Hashable, Sendable {
        /// Its name, or the URL of its document, stands in the configuration.
        case configured
        /// The issuer has registered it, when the configuration wanted this way of proving oneself.
        case registering(asking: OAuthClient.Method)
    }

    /// Whose token it is; a change of any of them ends it.
    package let issuer: String
    package let resource: String
    /// As what the issuer knows this gateway.
    package let client: String
    package let method: OAuthClient.Method
    package let origin: Origin
    /// Given by registering. Never shown.
    let secret: String?
    package let scopes: [String]
    package var standing: Status

    static let largest = 64 << 10
    static let mostScopes = 256

    init(
        issuer: String, resource: String, client: String, method: OAuthClient.Method,
        origin: Origin = .configured, secret: String?, scopes: [String], standing: Status
    ) {
        self.issuer = issuer
        self.resource = resource
        self.client = client
        self.method = method
        self.origin = origin
        self.secret = secret
        self.scopes = scopes
        self.standing = standing
    }

    var bytes: [UInt8] {
        var object: JSONObject = [
            "v": 1, "issuer": .string(issuer), "resource": .string(resource),
            "client": .string(client), "method": .string(method.rawValue),
            "scopes": .array(scopes.map { .string($0) }),
        ]
        if case .registering(let asked) = origin { object["asked"] = .string(asked.rawValue) }
        if let secret { object["secret"] = .string(secret) }
        switch standing {
        case .good(let refresh): object["refresh"] = .string(refresh)
        case .short: break
        case .ended(let code): object["ended"] = .string(code)
        }
        return JSONValue.object(object).serialized() + [UInt8(ascii: "\n")]
    }

    /// `bytes`, where `init(parsing:)` takes them.
    ///
    /// - Throws: `refused`: what is written must be read after a restart.
    func readable() throws(KeyFailure) -> [UInt8] {
        let bytes = bytes
        do throws(FormError) { _ = try StoredAuthorization(parsing: bytes) } catch {
            throw KeyFailure(.refused, "the sign-in cannot be kept: \(error)")
        }
        return bytes
    }

    /// - Throws: for everything that `bytes` does not write.
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
            standing = .good(refresh: try fields.string("refresh", length: 1...8192))
        case (false, true): standing = .ended(code: try fields.string("ended", length: 1...64))
        case (false, false): standing = .short
        case (true, true): throw .badMember("ended", "absent beside `refresh`")
        }
    }

    private static func method(
        _ name: String, in fields: StrictFields
    ) throws(FormError) -> OAuthClient.Method {
        try fields.made(name, "a way of proving oneself") { OAuthClient.Method(rawValue: $0) }
    }
}
