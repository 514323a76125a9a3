import InterlockJSON
import InterlockKeys
import InterlockModel
import InterlockPolicy

extension Setting {
    /// A protected resource's URI. Scheme and host are converted to lower case.
    static func resource(_ name: String, _ path: Path<CanonicalURI>, _ about: String) -> Setting {
        Setting(
            name: name, form: "URI", about: about, text: { "\"\($0[keyPath: path].text)\"" },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content,
                    let uri = CanonicalURI(scalar.text)
                else {
                    throw ValueError(
                        expected:
                            "an http or https URI without user, query, fragment or slash at the end, such as \"https://gw.example/mcp\""
                    )
                }
                configuration[keyPath: path] = uri
            })
    }

    /// A path relative to the deployment folder; empty if unset.
    static func path(_ name: String, _ path: Path<String>, _ about: String) -> Setting {
        Setting(
            name: name, form: "path", about: about, text: { "\"\($0[keyPath: path])\"" },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content, !scalar.text.utf8.contains(0) else {
                    throw ValueError(expected: "a path")
                }
                configuration[keyPath: path] = scalar.text
            })
    }

    /// `[{issuer: URL, keys: URL, clients: {ID: agent}, subjects: {SUB: agent}, person: CLAIM, scopes: true}]`
    static func issuers(
        _ name: String, _ path: Path<[TrustedIssuer]>, _ about: String
    ) -> Setting {
        Setting(
            name: name, form: "list of `{issuer, keys, clients, subjects, person, scopes}`",
            about: about,
            text: { "[" + $0[keyPath: path].map(IssuerText.text).joined(separator: ", ") + "]" },
            read: { (node, configuration) throws(ValueError) in
                guard case .sequence(let nodes) = node.content, nodes.count <= 16 else {
                    throw ValueError(expected: "a list of at most 16 issuers")
                }
                var issuers: [TrustedIssuer] = []
                for node in nodes {
                    let issuer = try IssuerText.read(node)
                    guard !issuers.contains(where: { $0.issuer == issuer.issuer }) else {
                        throw ValueError(expected: "a list in which no issuer stands twice")
                    }
                    issuers.append(issuer)
                }
                configuration[keyPath: path] = issuers
            })
    }
}

/// The notation of one issuer in `interlock.yaml`.
enum IssuerText {
    private static let known = ["issuer", "keys", "clients", "subjects", "person", "scopes"]

    static func text(_ issuer: TrustedIssuer) -> String {
        var parts = ["issuer: \"\(issuer.issuer)\"", "keys: \"\(issuer.keysURL)\""]
        for (name, agents) in [("clients", issuer.clients), ("subjects", issuer.subjects)]
        where !agents.isEmpty {
            let pairs = agents.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value.text)" }
            parts.append("\(name): {" + pairs.joined(separator: ", ") + "}")
        }
        if let person = issuer.personClaim { parts.append("person: \"\(person)\"") }
        parts.append("scopes: \(issuer.needsScopes)")
        return "{" + parts.joined(separator: ", ") + "}"
    }

    static func read(_ node: YAMLNode) throws(Setting.ValueError) -> TrustedIssuer {
        guard case .mapping(let entries) = node.content else {
            throw Setting.ValueError(expected: "a list of issuers, each with `issuer` and `keys`")
        }
        var fields: [String: YAMLNode] = [:]
        for entry in entries {
            guard known.contains(entry.key), fields[entry.key] == nil else {
                throw Setting.ValueError(
                    expected:
                        "issuers with the keys \(known.joined(separator: ", ")), each once; `\(entry.key)` is none"
                )
            }
            fields[entry.key] = entry.value
        }
        let clients = try agents(fields["clients"], "clients")
        let subjects = try agents(fields["subjects"], "subjects")
        guard !clients.isEmpty || !subjects.isEmpty else {
            throw Setting.ValueError(
                expected: "issuers with `clients` or `subjects`, or none of their tokens counts")
        }
        var needsScopes = true
        if let node = fields["scopes"] {
            guard case .scalar(let scalar) = node.content, let value = Bool(scalar.text) else {
                throw Setting.ValueError(expected: "issuers whose `scopes` is true or false")
            }
            needsScopes = value
        }
        return TrustedIssuer(
            issuer: try url(fields["issuer"], "issuer"), keysURL: try url(fields["keys"], "keys"),
            clients: clients, subjects: subjects,
            personClaim: try fields["person"].map { node throws(Setting.ValueError) in
                try text(node, "person")
            }, needsScopes: needsScopes)
    }

    /// Accepts https, or http on loopback, which does not leave the machine.
    ///
    /// - Parameter owners: the settings that have the URL, for the message.
    static func url(
        _ node: YAMLNode?, _ name: String, of owners: String = "issuers"
    ) throws(Setting.ValueError) -> String {
        guard let node else { throw Setting.ValueError(expected: "\(owners) with `\(name)`") }
        let url = try text(node, name, of: owners)
        let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"].contains { start in
            url.hasPrefix(start)
                && [nil, "/", ":"].contains(url.dropFirst(start.utf8.count).first)
        }
        guard url.hasPrefix("https://") || local, !url.contains("@"), !url.contains("#") else {
            throw Setting.ValueError(
                expected:
                    "\(owners) whose `\(name)` begins with https://, or with http:// on loopback, without user and fragment"
            )
        }
        return url
    }

    static func text(
        _ node: YAMLNode, _ name: String, of owners: String = "issuers"
    ) throws(Setting.ValueError) -> String {
        guard case .scalar(let scalar) = node.content, (1...1024).contains(scalar.text.utf8.count),
            scalar.text.utf8.allSatisfy({
                $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            })
        else {
            throw Setting.ValueError(
                expected:
                    "\(owners) whose `\(name)` is printable ASCII without spaces and quotes")
        }
        return scalar.text
    }

    private static func agents(
        _ node: YAMLNode?, _ name: String
    ) throws(Setting.ValueError) -> [ExactText: AgentName] {
        guard let node else { return [:] }
        guard case .mapping(let entries) = node.content else {
            throw Setting.ValueError(expected: "issuers whose `\(name)` is a map to agents")
        }
        var agents: [ExactText: AgentName] = [:]
        for entry in entries {
            guard case .scalar(let scalar) = entry.value.content,
                let agent = AgentName(scalar.text), (1...256).contains(entry.key.utf8.count),
                !entry.key.contains("\""), !entry.key.contains("\\"),
                agents.updateValue(agent, forKey: entry.key) == nil
            else {
                throw Setting.ValueError(
                    expected:
                        "issuers whose `\(name)` maps ids to agents; `\(entry.key)` does not")
            }
        }
        return agents
    }
}
