import InterlockCredentials
import InterlockPolicy

/// The notation of a client of an authorization server in `interlock.yaml`.
enum TokenSourceText {
    static func text(_ source: TokenSource) -> String {
        var parts = ["issuer: \"\(source.issuer)\""]
        let method: OAuthClient.Method
        let kid: String?
        switch source {
        case .client(let client):
            parts.append("client: \"\(client.id)\"")
            (method, kid) = (client.method, client.kid)
        case .signIn(let client):
            parts.append("grant: authorization_code")
            switch client.identity {
            case .registered(let id): parts.append("client: \"\(id)\"")
            case .document(let url, let orRegister):
                parts.append("client_metadata: \"\(url)\"")
                if orRegister { parts.append("register: true") }
            case .register: parts.append("register: true")
            }
            (method, kid) = (client.method, client.kid)
        }
        parts.append("method: \(method.rawValue)")
        if let secret = source.secret { parts.append("secret: \(secret)") }
        if let kid { parts.append("kid: \"\(kid)\"") }
        parts.append("scopes: " + Notation.list(source.scopes.map(Notation.quoted)))
        return Notation.map(parts)
    }

    static func source(_ node: YAMLNode) throws(Setting.ValueError) -> TokenSource {
        let fields = try Fields(
            node, of: "clients",
            [
                "issuer", "client", "client_metadata", "register", "method", "secret", "kid",
                "scopes", "grant",
            ], expected: "clients, each with `issuer`, `client` and `secret`")
        switch try fields.text("grant") ?? "client_credentials" {
        case "client_credentials": return .client(try client(fields))
        case "authorization_code": return .signIn(try signIn(fields))
        case let grant:
            throw fields.error(
                "with the grant client_credentials or authorization_code; `\(grant)` is not one of them"
            )
        }
    }

    private static func client(_ fields: Fields) throws(Setting.ValueError) -> OAuthClient {
        try fields.refuse(["client_metadata", "register"], unless: "grant is authorization_code")
        let method = try fields.method(usual: .assertion)
        guard method != .none else {
            throw fields.error("with `method: none` only where `grant` is authorization_code")
        }
        guard let id = try fields.text("client"), let secret = try fields.secret() else {
            throw fields.error("with `client` and `secret`")
        }
        return OAuthClient(
            issuer: try fields.url("issuer"), id: id, method: method, secret: secret,
            kid: try fields.kid(method), scopes: try fields.scopes())
    }

    private static func signIn(_ fields: Fields) throws(Setting.ValueError) -> SignInClient {
        let method = try fields.method(usual: .none)
        let identity = try identity(fields)
        let secret = try fields.secret()
        switch identity {
        case .registered:
            guard (secret == nil) == (method == .none) else {
                throw fields.error("with `secret`, or with `method: none` and without it")
            }
        case .document:
            guard method == .none || method == .assertion, (secret == nil) == (method == .none)
            else {
                throw fields.error(
                    "whose `client_metadata` goes with `method` none, or private_key_jwt and `secret`"
                )
            }
        case .register:
            guard method != .assertion, secret == nil else {
                throw fields.error(
                    "whose `register` goes without `secret`, and without private_key_jwt")
            }
        }
        return SignInClient(
            issuer: try fields.url("issuer"), identity: identity, method: method, secret: secret,
            kid: try fields.kid(method), scopes: try fields.scopes())
    }

    private static func identity(
        _ fields: Fields
    ) throws(Setting.ValueError) -> SignInClient.Identity {
        let registers: Bool
        switch try fields.text("register") {
        case nil, "false": registers = false
        case "true": registers = true
        default: throw fields.error("whose `register` is true or false")
        }
        if let id = try fields.text("client") {
            try fields.refuse(["client_metadata"], unless: "there is no `client`")
            guard !registers else {
                throw fields.error("with `client` or with `register`, not both")
            }
            return .registered(id)
        }
        if let document = try fields.text("client_metadata") {
            guard document.hasPrefix("https://"), !document.contains("#"), !document.contains("@")
            else {
                throw fields.error(
                    "whose `client_metadata` begins with https://, without user and fragment")
            }
            return .document(document, orRegister: registers)
        }
        guard registers else {
            throw fields.error("with `client`, `client_metadata` or `register: true`")
        }
        return .register
    }
}

extension Fields {
    fileprivate func refuse(
        _ names: [String], unless condition: String
    ) throws(Setting.ValueError) {
        for name in names where self[name] != nil {
            throw error("with `\(name)` only where \(condition)")
        }
    }

    fileprivate func method(
        usual: OAuthClient.Method
    ) throws(Setting.ValueError) -> OAuthClient.Method {
        guard let method = OAuthClient.Method(rawValue: try text("method") ?? usual.rawValue) else {
            let methods = OAuthClient.Method.allCases.map(\.rawValue)
            throw error("whose `method` is " + methods.joined(separator: " or "))
        }
        return method
    }

    fileprivate func secret() throws(Setting.ValueError) -> String? {
        guard let secret = try text("secret") else { return nil }
        guard SecretProvider.isName(secret) else {
            throw error("whose `secret` is the name of a secret")
        }
        return secret
    }

    fileprivate func kid(_ method: OAuthClient.Method) throws(Setting.ValueError) -> String? {
        let kid = try text("kid")
        guard method == .assertion || kid == nil else {
            throw error("with `kid` only where `method` is private_key_jwt")
        }
        return kid
    }

    fileprivate func scopes() throws(Setting.ValueError) -> [String] {
        guard let node = self["scopes"] else { return [] }
        var scopes: [String] = []
        for node in try node.elements("clients whose `scopes` is a list", most: 64) {
            let word = try text("scopes", in: node)
            guard !scopes.contains(word) else { throw error("whose `scopes` has nothing twice") }
            scopes.append(word)
        }
        return scopes
    }
}
