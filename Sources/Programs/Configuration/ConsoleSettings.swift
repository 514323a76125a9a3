package import InterlockCredentials
import InterlockModel
import InterlockPolicy

/// The address at which people's browsers reach the console (docs/specs/approvals.md, section 13).
package struct ConsoleSettings: Sendable, Equatable {
    /// The address as browsers spell it, without a path: `https://interlock.example`.
    package let url: String
    /// The relying party of passkeys. Is nil if the address cannot have passkeys.
    package let party: RelyingParty?

    /// Returns the URL of a page of the console.
    ///
    /// - Parameter path: the path, beginning with `/`.
    package func link(_ path: String) -> String { url + path }

    /// The reason that people cannot sign in and approve at this address. Is nil if they can.
    package var problem: String? {
        guard party == nil else { return nil }
        return
            "`approval_service.console.url` \(url) is not a domain name: passkeys need one, so no person can sign in or approve there"
    }
}

extension ConsoleSettings {
    /// - Returns: nil if no passkey can be made for the address.
    package init?(naming text: String) {
        guard let (url, host) = ConsoleText.address(text),
            let party = RelyingParty(id: host, origins: [url])
        else { return nil }
        self.init(url: url, party: party)
    }
}

extension Setting {
    /// `{url: "https://interlock.example", rp_id: interlock.example, origins: ["https://interlock.example"]}`
    static func console(
        _ name: String, _ path: Path<ConsoleSettings?>, _ about: String
    ) -> Setting {
        Setting(
            name, path, about, form: "`{url, rp_id, origins}`", text: ConsoleText.text,
            read: ConsoleText.read)
    }
}

/// The notation of the console in `interlock.yaml`; `{}` means no console.
private enum ConsoleText {
    static func text(_ console: ConsoleSettings?) -> String {
        guard let console else { return "{}" }
        guard let party = console.party else { return "{url: \"\(console.url)\"}" }
        let origins = Notation.list(party.origins.map(Notation.quoted))
        return "{url: \"\(console.url)\", rp_id: \(party.id), origins: \(origins)}"
    }

    static func read(_ node: YAMLNode) throws(Setting.ValueError) -> ConsoleSettings? {
        let fields = try Fields(
            node, of: "a map", ["url", "rp_id", "origins"], expected: "a map with `url`")
        if fields.isEmpty { return nil }
        guard let (url, host) = fields["url"]?.scalarText.flatMap(address) else {
            throw fields.error(
                "whose `url` is an https address without a path, or http on localhost")
        }
        return ConsoleSettings(url: url, party: try party(url, host, fields))
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

    /// The id is by default the host, and the permitted origins are by default only the address.
    private static func party(
        _ url: String, _ host: String, _ fields: Fields
    ) throws(Setting.ValueError) -> RelyingParty? {
        var name = host
        if let id = fields["rp_id"] {
            guard let text = id.scalarText else {
                throw fields.error("whose `rp_id` is a domain name")
            }
            name = text
        }
        var places = [url]
        if let origins = fields["origins"] {
            places = try origins.elements("a map whose `origins` is a list")
                .map { (node) throws(Setting.ValueError) in
                    guard let text = node.scalarText else {
                        throw fields.error("whose `origins` are texts")
                    }
                    return text
                }
        }
        let party = RelyingParty(id: name, origins: places)
        // An address that is not a domain name is accepted and reported at start, but a wrong `rp_id` or `origins` is
        // refused.
        if fields["rp_id"] == nil, fields["origins"] == nil { return party }
        guard let party, places.contains(url) else {
            throw fields.error(
                "whose `rp_id` is a domain name or localhost, and whose `origins` have `url` among them and lie at that name or below it"
            )
        }
        return party
    }
}
