import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicy

extension Setting {
    /// `[{issuer: URL, keys: URL, clients: {ID: agent}, subjects: {SUB: agent}, person: CLAIM, scopes: true}]`
    static func issuers(_ name: String, _ path: Path<[TrustedIssuer]>, _ about: String) -> Setting {
        list(
            name, path, about, form: "list of `{issuer, keys, clients, subjects, person, scopes}`",
            expected: "a list of at most 16 issuers", most: 16, text: IssuerText.text
        ) { (node, issuers) throws(ValueError) in
            let issuer = try IssuerText.read(node)
            guard !issuers.contains(where: { $0.issuer == issuer.issuer }) else {
                throw ValueError(expected: "a list without duplicate issuers")
            }
            issuers.append(issuer)
        }
    }
}

/// The notation of one issuer in `interlock.yaml`.
private enum IssuerText {
    static func text(_ issuer: TrustedIssuer) -> String {
        var parts = ["issuer: \"\(issuer.issuer)\"", "keys: \"\(issuer.keysURL)\""]
        for (name, agents) in [("clients", issuer.clients), ("subjects", issuer.subjects)]
        where !agents.isEmpty {
            let pairs = agents.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value.text)" }
            parts.append("\(name): " + Notation.map(pairs))
        }
        if let person = issuer.personClaim { parts.append("person: \"\(person)\"") }
        parts.append("scopes: \(issuer.needsScopes)")
        return Notation.map(parts)
    }

    static func read(_ node: YAMLNode) throws(Setting.ValueError) -> TrustedIssuer {
        let fields = try Fields(
            node, of: "issuers", ["issuer", "keys", "clients", "subjects", "person", "scopes"],
            expected: "a list of issuers, each with `issuer` and `keys`")
        let clients = try agents(fields, "clients")
        let subjects = try agents(fields, "subjects")
        guard !clients.isEmpty || !subjects.isEmpty else {
            throw fields.error("with `clients` or `subjects`, or none of their tokens counts")
        }
        var needsScopes = true
        if let node = fields["scopes"] {
            guard let value = node.scalarText.flatMap({ Bool($0) }) else {
                throw fields.error("whose `scopes` is true or false")
            }
            needsScopes = value
        }
        return TrustedIssuer(
            issuer: try fields.url("issuer"), keysURL: try fields.url("keys"), clients: clients,
            subjects: subjects, personClaim: try fields.text("person"), needsScopes: needsScopes)
    }

    private static func agents(
        _ fields: Fields, _ name: String
    ) throws(Setting.ValueError) -> [ExactText: AgentName] {
        guard let node = fields[name] else { return [:] }
        var agents: [ExactText: AgentName] = [:]
        for entry in try node.entries("issuers whose `\(name)` is a map to agents") {
            guard let agent = entry.value.scalarText.flatMap({ AgentName($0) }),
                (1...256).contains(entry.key.utf8.count), !entry.key.contains("\""),
                !entry.key.contains("\\"), agents.updateValue(agent, forKey: entry.key) == nil
            else {
                throw fields.error("whose `\(name)` maps ids to agents; `\(entry.key)` does not")
            }
        }
        return agents
    }
}
