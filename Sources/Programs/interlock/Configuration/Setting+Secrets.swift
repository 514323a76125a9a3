import InterlockKeys
import InterlockModel
import InterlockPolicy

extension Setting {
    /// The name of a secret; empty if unset.
    static func secret(_ name: String, _ path: Path<String>, _ about: String) -> Setting {
        Setting(
            name: name, form: "name of a secret", about: about,
            text: { "\"\($0[keyPath: path])\"" },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content,
                    scalar.text.isEmpty || SecretProvider.isName(scalar.text)
                else {
                    throw ValueError(expected: "the name of a secret, never the secret itself")
                }
                configuration[keyPath: path] = scalar.text
            })
    }

    /// `["https://idp.internal.example"]`
    static func origins(_ name: String, _ path: Path<[String]>, _ about: String) -> Setting {
        Setting(
            name: name, form: "list of origins", about: about,
            text: { "[" + $0[keyPath: path].map { "\"\($0)\"" }.joined(separator: ", ") + "]" },
            read: { (node, configuration) throws(ValueError) in
                guard case .sequence(let nodes) = node.content else {
                    throw ValueError(expected: "a list of origins")
                }
                var origins: [String] = []
                for node in nodes {
                    guard case .scalar(let scalar) = node.content,
                        let uri = CanonicalURI(scalar.text), uri.path.isEmpty
                    else {
                        throw ValueError(
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
            read: { (node, configuration) throws(ValueError) in
                var commands: [String: [String]] = [:]
                for entry in try SecretText.entries(node) {
                    guard case .sequence(let nodes) = entry.value.content,
                        (1...64).contains(nodes.count)
                    else {
                        throw ValueError(
                            expected: "secrets with a list each: an absolute path, then arguments")
                    }
                    var argv: [String] = []
                    for node in nodes {
                        guard case .scalar(let scalar) = node.content,
                            !scalar.text.utf8.contains(0), !scalar.text.contains("\""),
                            !scalar.text.contains("\\")
                        else {
                            throw ValueError(
                                expected: "secrets with programs that are lists of plain texts")
                        }
                        argv.append(scalar.text)
                    }
                    guard argv[0].hasPrefix("/") else {
                        throw ValueError(
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

    /// `{NAME: {issuer: URL, client: ID, method: M, secret: NAME, kid: K, scopes: [S], grant: G}}`
    static func oauthClients(
        _ name: String, _ path: Path<[String: TokenSource]>, _ about: String
    ) -> Setting {
        Setting(
            name: name,
            form:
                "secrets with `{issuer, client, client_metadata, register, method, secret, kid, scopes, grant}`",
            about: about,
            text: { configuration in
                let entries = configuration[keyPath: path].sorted { $0.key < $1.key }
                    .map { "\($0.key): " + TokenSourceText.text($0.value) }
                return "{" + entries.joined(separator: ", ") + "}"
            },
            read: { (node, configuration) throws(ValueError) in
                var clients: [String: TokenSource] = [:]
                for entry in try SecretText.entries(node) {
                    clients[entry.key] = try TokenSourceText.source(entry.value)
                }
                for (name, client) in clients {
                    guard let secret = client.secret, clients[secret] != nil else { continue }
                    throw ValueError(
                        expected:
                            "clients whose `secret` is no token; that of `\(name)` is one itself")
                }
                configuration[keyPath: path] = clients
                try SecretText.checkNames(of: configuration)
            })
    }
}

/// The notation of secrets and clients in `interlock.yaml`.
private enum SecretText {
    static func entries(_ node: YAMLNode) throws(Setting.ValueError) -> [YAMLEntry] {
        guard case .mapping(let entries) = node.content, entries.count <= 1024 else {
            throw Setting.ValueError(expected: "a map from names of secrets")
        }
        var seen: Set<String> = []
        for entry in entries {
            guard SecretProvider.isName(entry.key), seen.insert(entry.key).inserted else {
                throw Setting.ValueError(
                    expected:
                        "a map from names of letters, digits, `-` and `_`, each once; `\(entry.key)` is none"
                )
            }
        }
        return entries
    }

    /// Called after each of the two settings is read; the second call sees both.
    static func checkNames(of configuration: Configuration) throws(Setting.ValueError) {
        let both = Set(configuration.secrets.oauth.keys)
            .intersection(configuration.secrets.commands.keys)
        guard let name = both.min() else { return }
        throw Setting.ValueError(
            expected: "names that stand in `oauth` or in `commands`; `\(name)` stands in both")
    }
}
