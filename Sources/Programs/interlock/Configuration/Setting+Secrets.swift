import InterlockKeys
import InterlockModel
import InterlockPolicy

extension Setting {
    /// `["https://idp.internal.example"]`
    static func origins(_ name: String, _ path: Path<[String]>, _ about: String) -> Setting {
        Setting(
            name: name, form: "list of origins", about: about,
            text: { "[" + $0[keyPath: path].map { "\"\($0)\"" }.joined(separator: ", ") + "]" },
            read: { (node, configuration) throws(Misfit) in
                guard case .sequence(let nodes) = node.content else {
                    throw Misfit(expected: "a list of origins")
                }
                var origins: [String] = []
                for node in nodes {
                    guard case .scalar(let scalar) = node.content,
                        let uri = CanonicalURI(scalar.text), uri.path.isEmpty
                    else {
                        throw Misfit(
                            expected:
                                "a list of origins without a path, such as \"https://idp.internal.example\""
                        )
                    }
                    origins.append(uri.origin)
                }
                configuration[keyPath: path] = origins
            })
    }

    /// `{NAME: [PROGRAM, ARGUMENT...]}`
    static func commands(
        _ name: String, _ path: Path<[String: [String]]>, _ about: String
    ) -> Setting {
        Setting(
            name: name, form: "secrets with a program and its arguments", about: about,
            text: { configuration in
                let entries = configuration[keyPath: path].sorted { $0.key < $1.key }.map {
                    "\($0.key): [" + $0.value.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
                }
                return "{" + entries.joined(separator: ", ") + "}"
            },
            read: { (node, configuration) throws(Misfit) in
                var commands: [String: [String]] = [:]
                for entry in try SecretText.entries(node) {
                    guard case .sequence(let nodes) = entry.value.content,
                        (1...64).contains(nodes.count)
                    else {
                        throw Misfit(
                            expected: "secrets with a list each: an absolute path, then arguments")
                    }
                    var argv: [String] = []
                    for node in nodes {
                        guard case .scalar(let scalar) = node.content,
                            !scalar.text.utf8.contains(0), !scalar.text.contains("\""),
                            !scalar.text.contains("\\")
                        else {
                            throw Misfit(
                                expected: "secrets with programs that are lists of plain texts")
                        }
                        argv.append(scalar.text)
                    }
                    guard argv[0].hasPrefix("/") else {
                        throw Misfit(
                            expected:
                                "secrets with programs that are absolute paths; `\(argv[0])` is none"
                        )
                    }
                    commands[entry.key] = argv
                }
                configuration[keyPath: path] = commands
                try SecretText.checkNames(of: configuration)
            })
    }

    /// `{NAME: {issuer: URL, client: ID, method: M, secret: NAME, kid: K, scopes: [S]}}`
    static func oauthClients(
        _ name: String, _ path: Path<[String: OAuthClient]>, _ about: String
    ) -> Setting {
        Setting(
            name: name,
            form: "secrets with `{issuer, client, method, secret, kid, scopes, grant}`",
            about: about,
            text: { configuration in
                let entries = configuration[keyPath: path].sorted { $0.key < $1.key }
                    .map { "\($0.key): " + SecretText.text($0.value) }
                return "{" + entries.joined(separator: ", ") + "}"
            },
            read: { (node, configuration) throws(Misfit) in
                var clients: [String: OAuthClient] = [:]
                for entry in try SecretText.entries(node) {
                    clients[entry.key] = try SecretText.client(entry.value)
                }
                for (name, client) in clients where clients[client.secret] != nil {
                    throw Misfit(
                        expected:
                            "clients whose `secret` is no token; that of `\(name)` is one itself")
                }
                configuration[keyPath: path] = clients
                try SecretText.checkNames(of: configuration)
            })
    }
}

/// Secrets and clients as they are written in `interlock.yaml`.
private enum SecretText {
    private static let known = ["issuer", "client", "method", "secret", "kid", "scopes", "grant"]

    static func entries(_ node: YAMLNode) throws(Setting.Misfit) -> [YAMLEntry] {
        guard case .mapping(let entries) = node.content, entries.count <= 1024 else {
            throw Setting.Misfit(expected: "a map from names of secrets")
        }
        var seen: Set<String> = []
        for entry in entries {
            guard SecretProvider.isName(entry.key), seen.insert(entry.key).inserted else {
                throw Setting.Misfit(
                    expected:
                        "a map from names of letters, digits, `-` and `_`, each once; `\(entry.key)` is none"
                )
            }
        }
        return entries
    }

    /// Whichever of the two settings is read last sees both.
    static func checkNames(of configuration: Configuration) throws(Setting.Misfit) {
        let both = Set(configuration.secrets.oauth.keys)
            .intersection(configuration.secrets.commands.keys)
        guard let name = both.min() else { return }
        throw Setting.Misfit(
            expected: "names that stand in `oauth` or in `commands`; `\(name)` stands in both")
    }

    static func text(_ client: OAuthClient) -> String {
        var parts = [
            "issuer: \"\(client.issuer)\"", "client: \"\(client.id)\"",
            "method: \(client.method.rawValue)", "secret: \(client.secret)",
        ]
        if let kid = client.kid { parts.append("kid: \"\(kid)\"") }
        let scopes = client.scopes.map { "\"\($0)\"" }.joined(separator: ", ")
        parts.append("scopes: [\(scopes)]")
        return "{" + parts.joined(separator: ", ") + "}"
    }

    static func client(_ node: YAMLNode) throws(Setting.Misfit) -> OAuthClient {
        guard case .mapping(let entries) = node.content else {
            throw Setting.Misfit(expected: "clients, each with `issuer`, `client` and `secret`")
        }
        var fields: [String: YAMLNode] = [:]
        for entry in entries {
            guard known.contains(entry.key), fields[entry.key] == nil else {
                throw Setting.Misfit(
                    expected:
                        "clients with the keys \(known.joined(separator: ", ")), each once; `\(entry.key)` is none"
                )
            }
            fields[entry.key] = entry.value
        }
        if let grant = try fields["grant"].map({ node throws(Setting.Misfit) in
            try IssuerText.text(node, "grant", of: "clients")
        }), grant != "client_credentials" {
            throw Setting.Misfit(
                expected:
                    "clients with the grant client_credentials; `\(grant)` is not built in this version"
            )
        }
        let method = try fields["method"].map { node throws(Setting.Misfit) in
            try IssuerText.text(node, "method", of: "clients")
        }
        guard let method = OAuthClient.Method(rawValue: method ?? "private_key_jwt") else {
            throw Setting.Misfit(
                expected: "clients whose `method` is "
                    + OAuthClient.Method.allCases.map(\.rawValue).joined(separator: " or "))
        }
        guard let idNode = fields["client"], let secretNode = fields["secret"] else {
            throw Setting.Misfit(expected: "clients with `client` and `secret`")
        }
        let secret = try IssuerText.text(secretNode, "secret", of: "clients")
        guard SecretProvider.isName(secret) else {
            throw Setting.Misfit(expected: "clients whose `secret` is the name of a secret")
        }
        guard method == .assertion || fields["kid"] == nil else {
            throw Setting.Misfit(
                expected: "clients with `kid` only where `method` is private_key_jwt")
        }
        return OAuthClient(
            issuer: try IssuerText.url(fields["issuer"], "issuer", of: "clients"),
            id: try IssuerText.text(idNode, "client", of: "clients"), method: method,
            secret: secret,
            kid: try fields["kid"].map { node throws(Setting.Misfit) in
                try IssuerText.text(node, "kid", of: "clients")
            }, scopes: try scopes(fields["scopes"]))
    }

    private static func scopes(_ node: YAMLNode?) throws(Setting.Misfit) -> [String] {
        guard let node else { return [] }
        guard case .sequence(let nodes) = node.content, nodes.count <= 64 else {
            throw Setting.Misfit(expected: "clients whose `scopes` is a list")
        }
        var scopes: [String] = []
        for node in nodes {
            let word = try IssuerText.text(node, "scopes", of: "clients")
            guard !scopes.contains(word) else {
                throw Setting.Misfit(expected: "clients whose `scopes` has nothing twice")
            }
            scopes.append(word)
        }
        return scopes
    }
}
