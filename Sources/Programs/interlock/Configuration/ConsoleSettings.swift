import InterlockKeys
import InterlockModel
import InterlockPolicy

/// The address at which people's browsers reach the console (docs/specs/approvals.md, section 13).
struct ConsoleSettings: Sendable, Equatable {
    /// The address as browsers spell it, without a path: `https://interlock.example`.
    let url: String
    /// The relying party of passkeys. Is nil if the address cannot have passkeys.
    let party: RelyingParty?

    /// Returns the URL of a page of the console.
    ///
    /// - Parameter path: the path, beginning with `/`.
    func link(_ path: String) -> String { url + path }

    /// The reason that people cannot sign in and approve at this address. Is nil if they can.
    var problem: String? {
        guard party == nil else { return nil }
        return
            "`approval_service.console.url` \(url) is no domain name: passkeys need one, so nobody can sign in or approve there"
    }
}

extension ConsoleSettings {
    /// The address that a command line names.
    ///
    /// - Throws: 64 if no passkey can be made for the address.
    init(naming text: String) throws(Failure) {
        guard let (url, host) = ConsoleText.address(text),
            let party = RelyingParty(id: host, origins: [url])
        else {
            throw Failure(
                .usage, "`\(TerminalEscaping.shown(text))` is no address of a console",
                help: "https and a domain name, without a path, or http://localhost:PORT")
        }
        self.init(url: url, party: party)
    }
}

extension Setting {
    /// `{url: "https://interlock.example", rp_id: interlock.example, origins: ["https://interlock.example"]}`
    static func console(
        _ name: String, _ path: Path<ConsoleSettings?>, _ about: String
    ) -> Setting {
        Setting(
            name: name, form: "`{url, rp_id, origins}`", about: about,
            text: { ConsoleText.text($0[keyPath: path]) },
            read: { (node, configuration) throws(ValueError) in
                configuration[keyPath: path] = try ConsoleText.read(node)
            })
    }
}

/// The notation of the console in `interlock.yaml`; `{}` means no console.
private enum ConsoleText {
    private static let known = ["url", "rp_id", "origins"]

    static func text(_ console: ConsoleSettings?) -> String {
        guard let console else { return "{}" }
        guard let party = console.party else { return "{url: \"\(console.url)\"}" }
        let origins = party.origins.map { "\"\($0)\"" }.joined(separator: ", ")
        return "{url: \"\(console.url)\", rp_id: \(party.id), origins: [\(origins)]}"
    }

    static func read(_ node: YAMLNode) throws(Setting.ValueError) -> ConsoleSettings? {
        guard case .mapping(let entries) = node.content else {
            throw Setting.ValueError(expected: "a map with `url`")
        }
        var fields: [String: YAMLNode] = [:]
        for entry in entries {
            guard known.contains(entry.key), fields[entry.key] == nil else {
                throw Setting.ValueError(
                    expected:
                        "a map with the keys \(known.joined(separator: ", ")), each once; `\(entry.key)` is none"
                )
            }
            fields[entry.key] = entry.value
        }
        if fields.isEmpty { return nil }
        let (url, host) = try address(fields["url"])
        return ConsoleSettings(
            url: url, party: try party(url, host, id: fields["rp_id"], origins: fields["origins"]))
    }

    private static func address(
        _ node: YAMLNode?
    ) throws(Setting.ValueError) -> (url: String, host: String) {
        let expected = "a map whose `url` is an https address without a path, or http on localhost"
        guard case .scalar(let scalar)? = node?.content, let found = address(scalar.text) else {
            throw Setting.ValueError(expected: expected)
        }
        return found
    }

    static func address(_ text: String) -> (url: String, host: String)? {
        guard let uri = CanonicalURI(url: text), uri.path.isEmpty else { return nil }
        var host = uri.origin.dropFirst(uri.isSecure ? 8 : 7)
        if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
            host = host[..<colon]
        }
        guard uri.isSecure || host == "localhost" else { return nil }
        return (uri.origin, String(host))
    }

    /// - Parameters:
    ///   - id: the relying party's id; by default the host.
    ///   - origins: the permitted origins; by default only the address.
    private static func party(
        _ url: String, _ host: String, id: YAMLNode?, origins: YAMLNode?
    ) throws(Setting.ValueError) -> RelyingParty? {
        var name = host
        if let id {
            guard case .scalar(let scalar) = id.content else {
                throw Setting.ValueError(expected: "a map whose `rp_id` is a domain name")
            }
            name = scalar.text
        }
        var places = [url]
        if let origins {
            guard case .sequence(let nodes) = origins.content else {
                throw Setting.ValueError(expected: "a map whose `origins` is a list")
            }
            places = []
            for node in nodes {
                guard case .scalar(let scalar) = node.content else {
                    throw Setting.ValueError(expected: "a map whose `origins` are texts")
                }
                places.append(scalar.text)
            }
        }
        let party = RelyingParty(id: name, origins: places)
        // An address that is not a domain name is accepted and reported at start, but a wrong `rp_id` or `origins` is
        // refused.
        if id == nil, origins == nil { return party }
        guard let party, places.contains(url) else {
            throw Setting.ValueError(
                expected:
                    "a map whose `rp_id` is a domain name or localhost, and whose `origins` have `url` among them and lie at that name or below it"
            )
        }
        return party
    }
}
