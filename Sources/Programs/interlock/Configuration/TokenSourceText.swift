import InterlockKeys
import InterlockPolicy

/// The notation of a client of an authorization server in `interlock.yaml`.
enum TokenSourceText {
    private static let known = [
        "issuer", "client", "client_metadata", "register", "method", "secret", "kid", "scopes",
        "grant",
    ]

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
        let scopes = source.scopes.map { "\"\($0)\"" }.joined(separator: ", ")
        parts.append("scopes: [\(scopes)]")
        return "{" + parts.joined(separator: ", ") + "}"
    }

    static func source(_ node: YAMLNode) throws(Setting.ValueError) -> TokenSource {
        let fields = try Fields(node, known)
        switch try fields.text("grant") ?? "client_credentials" {
        case "client_credentials": return .client(try client(fields))
        case "authorization_code": return .signIn(try signIn(fields))
        case let grant:
            throw Setting.ValueError(
                expected:
                    "clients with the grant client_credentials or authorization_code; `\(grant)` is none of them"
            )
        }
    }

    private static func client(_ fields: Fields) throws(Setting.ValueError) -> OAuthClient {
        try fields.refuse(["client_metadata", "register"], unless: "grant is authorization_code")
        let method = try fields.method(usual: .assertion)
        guard method != .none else {
            throw Setting.ValueError(
                expected: "clients with `method: none` only where `grant` is authorization_code")
        }
        guard let id = try fields.text("client"), let secret = try fields.secret() else {
            throw Setting.ValueError(expected: "clients with `client` and `secret`")
        }
        return OAuthClient(
            issuer: try fields.issuer, id: id, method: method, secret: secret,
            kid: try fields.kid(method), scopes: try fields.scopes)
    }

    private static func signIn(_ fields: Fields) throws(Setting.ValueError) -> SignInClient {
        let method = try fields.method(usual: .none)
        let identity = try identity(fields)
        let secret = try fields.secret()
        switch identity {
        case .registered:
            guard (secret == nil) == (method == .none) else {
                throw Setting.ValueError(
                    expected: "clients with `secret`, or with `method: none` and without it")
            }
        case .document:
            guard method == .none || method == .assertion, (secret == nil) == (method == .none)
            else {
                throw Setting.ValueError(
                    expected:
                        "clients whose `client_metadata` goes with `method` none, or private_key_jwt and `secret`"
                )
            }
        case .register:
            guard method != .assertion, secret == nil else {
                throw Setting.ValueError(
                    expected:
                        "clients whose `register` goes without `secret`, and without private_key_jwt"
                )
            }
        }
        return SignInClient(
            issuer: try fields.issuer, identity: identity, method: method, secret: secret,
            kid: try fields.kid(method), scopes: try fields.scopes)
    }

    private static func identity(
        _ fields: Fields
    ) throws(Setting.ValueError) -> SignInClient.Identity {
        let registers: Bool
        switch try fields.text("register") {
        case nil, "false": registers = false
        case "true": registers = true
        default: throw Setting.ValueError(expected: "clients whose `register` is true or false")
        }
        if let id = try fields.text("client") {
            try fields.refuse(["client_metadata"], unless: "there is no `client`")
            guard !registers else {
                throw Setting.ValueError(
                    expected: "clients with `client` or with `register`, not both")
            }
            return .registered(id)
        }
        if let document = try fields.text("client_metadata") {
            guard document.hasPrefix("https://"), !document.contains("#"), !document.contains("@")
            else {
                throw Setting.ValueError(
                    expected:
                        "clients whose `client_metadata` begins with https://, without user and fragment"
                )
            }
            return .document(document, orRegister: registers)
        }
        guard registers else {
            throw Setting.ValueError(
                expected: "clients with `client`, `client_metadata` or `register: true`")
        }
        return .register
    }
}

/// The members of one client.
private struct Fields {
    private let nodes: [String: YAMLNode]
    private static let owners = "clients"

    init(_ node: YAMLNode, _ known: [String]) throws(Setting.ValueError) {
        guard case .mapping(let entries) = node.content else {
            throw Setting.ValueError(expected: "clients, each with `issuer`, `client` and `secret`")
        }
        var nodes: [String: YAMLNode] = [:]
        for entry in entries {
            guard known.contains(entry.key), nodes[entry.key] == nil else {
                throw Setting.ValueError(
                    expected:
                        "clients with the keys \(known.joined(separator: ", ")), each once; `\(entry.key)` is none"
                )
            }
            nodes[entry.key] = entry.value
        }
        self.nodes = nodes
    }

    func text(_ name: String) throws(Setting.ValueError) -> String? {
        guard let node = nodes[name] else { return nil }
        return try IssuerText.text(node, name, of: Self.owners)
    }

    func refuse(_ names: [String], unless condition: String) throws(Setting.ValueError) {
        for name in names where nodes[name] != nil {
            throw Setting.ValueError(expected: "clients with `\(name)` only where \(condition)")
        }
    }

    func method(usual: OAuthClient.Method) throws(Setting.ValueError) -> OAuthClient.Method {
        guard let method = OAuthClient.Method(rawValue: try text("method") ?? usual.rawValue) else {
            throw Setting.ValueError(
                expected: "clients whose `method` is "
                    + OAuthClient.Method.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return method
    }

    func secret() throws(Setting.ValueError) -> String? {
        guard let secret = try text("secret") else { return nil }
        guard SecretProvider.isName(secret) else {
            throw Setting.ValueError(expected: "clients whose `secret` is the name of a secret")
        }
        return secret
    }

    func kid(_ method: OAuthClient.Method) throws(Setting.ValueError) -> String? {
        let kid = try text("kid")
        guard method == .assertion || kid == nil else {
            throw Setting.ValueError(
                expected: "clients with `kid` only where `method` is private_key_jwt")
        }
        return kid
    }

    var issuer: String {
        get throws(Setting.ValueError) {
            try IssuerText.url(nodes["issuer"], "issuer", of: Self.owners)
        }
    }

    var scopes: [String] {
        get throws(Setting.ValueError) {
            guard let node = nodes["scopes"] else { return [] }
            guard case .sequence(let nodes) = node.content, nodes.count <= 64 else {
                throw Setting.ValueError(expected: "clients whose `scopes` is a list")
            }
            var scopes: [String] = []
            for node in nodes {
                let word = try IssuerText.text(node, "scopes", of: Self.owners)
                guard !scopes.contains(word) else {
                    throw Setting.ValueError(expected: "clients whose `scopes` has nothing twice")
                }
                scopes.append(word)
            }
            return scopes
        }
    }
}
