import InterlockCredentials
import InterlockModel
import InterlockPolicy

extension Setting {
    /// `{NAME: [PROGRAM, ARGUMENT...]}`
    static func commands(
        _ name: String, _ path: Path<[String: [String]]>, _ about: String
    ) -> Setting {
        secrets(
            name, path, about, form: "secrets with a program and its arguments",
            text: { Notation.list($0.map(Notation.quoted)) },
            read: { (node) throws(ValueError) in
                let nodes = try node.elements(
                    "secrets with a list each: an absolute path, then arguments", most: 64)
                guard !nodes.isEmpty else {
                    throw ValueError(
                        expected: "secrets with a list each: an absolute path, then arguments")
                }
                let argv = try nodes.map { (node) throws(ValueError) in
                    guard let text = node.scalarText, !text.utf8.contains(0), !text.contains("\""),
                        !text.contains("\\")
                    else {
                        throw ValueError(
                            expected: "secrets with programs that are lists of plain texts")
                    }
                    return text
                }
                guard argv[0].hasPrefix("/") else {
                    throw ValueError(
                        expected:
                            "secrets with programs that are absolute paths; found `\(argv[0])`")
                }
                return argv
            })
    }

    /// `{NAME: {issuer: URL, client: ID, method: M, secret: NAME, kid: K, scopes: [S], grant: G}}`
    static func oauthClients(
        _ name: String, _ path: Path<[String: TokenSource]>, _ about: String
    ) -> Setting {
        secrets(
            name, path, about,
            form:
                "secrets with `{issuer, client, client_metadata, register, method, secret, kid, scopes, grant}`",
            text: TokenSourceText.text, read: TokenSourceText.source
        ) { (clients) throws(ValueError) in
            for (name, client) in clients {
                guard let secret = client.secret, clients[secret] != nil else { continue }
                throw ValueError(
                    expected: "clients whose `secret` is no token; that of `\(name)` is one itself")
            }
        }
    }

    /// A list of names of secrets, such as `[npm-publish]`.
    static func secretNames(
        _ name: String, _ path: Path<[String]>, _ about: String
    ) -> Setting {
        let expected = "a list of names of secrets, never the secrets themselves"
        return list(
            name, path, about, form: "list of names of secrets", expected: expected, most: 1024,
            text: Notation.quoted
        ) { (node, names) throws(ValueError) in
            guard let text = node.scalarText, SecretProvider.isName(text) else {
                throw ValueError(expected: expected)
            }
            names.append(text)
        }
    }

    /// A value for each of some secrets. No name may be in two of these settings: the second one that is read sees
    /// both.
    private static func secrets<Value>(
        _ name: String, _ path: Path<[String: Value]>, _ about: String, form: String,
        text: @escaping @Sendable (Value) -> String,
        read: @escaping @Sendable (YAMLNode) throws(ValueError) -> Value,
        check: @escaping @Sendable ([String: Value]) throws(ValueError) -> Void = { _ in }
    ) -> Setting {
        Setting(
            name: name, form: form, about: about,
            text: { configuration in
                let entries = configuration[keyPath: path].sorted { $0.key < $1.key }
                return Notation.map(entries.map { "\($0.key): " + text($0.value) })
            },
            read: { (node, configuration) throws(ValueError) in
                var values: [String: Value] = [:]
                for entry in try secretEntries(node) { values[entry.key] = try read(entry.value) }
                try check(values)
                configuration[keyPath: path] = values
                let secrets = configuration.secrets
                let both = Set(secrets.oauth.keys).intersection(secrets.commands.keys)
                guard let name = both.min() else { return }
                throw ValueError(
                    expected:
                        "names in `oauth` or in `commands`; `\(name)` is in both")
            })
    }

    private static func secretEntries(_ node: YAMLNode) throws(ValueError) -> [YAMLEntry] {
        let entries = try node.entries("a map from names of secrets", most: 1024)
        var seen: Set<String> = []
        for entry in entries {
            guard SecretProvider.isName(entry.key), seen.insert(entry.key).inserted else {
                throw ValueError(
                    expected:
                        "a map from names of letters, digits, `-` and `_`, each once; found `\(entry.key)`"
                )
            }
        }
        return entries
    }
}
