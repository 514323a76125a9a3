/// The provider behind `/model/<name>/`, as `models` states it (docs/specs/sandbox.md, sections 7 and 8).
package struct ModelUpstream: Hashable, Sendable {
    /// The name in the route.
    package let name: String
    package let target: EgressTarget
    /// True for `https`.
    package let isSecure: Bool
    /// The path of the address without its last slash, such as `/v1`; may be empty.
    package let path: String
    /// The rule by which the addresses of the host are checked.
    package let rule: EgressRule

    private static let longestURL = 2048

    /// - Parameters:
    ///   - url: `https` with a host in its canonical form; or `http` with a private address in digits, and only if
    ///     `allowsPrivate`, so that no look-up decides where a key is sent in clear text. Without a user, a query and a
    ///     fragment.
    ///   - allowsPrivate: `private: true` of the entry.
    package init(name: String, url: String, allowsPrivate: Bool) throws(EgressRuleError) {
        func refuse(_ detail: String) -> EgressRuleError {
            EgressRuleError(.model, "`\(name)`: \(detail)")
        }
        let isSecure = url.utf8.starts(with: "https://".utf8)
        guard isSecure || url.utf8.starts(with: "http://".utf8),
            url.utf8.count <= Self.longestURL,
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }),
            !url.utf8.contains(where: { "?#@".utf8.contains($0) })
        else { throw refuse("expected an address without a user, a query and a fragment") }
        let rest = url.dropFirst(isSecure ? 8 : 7)
        let authority = rest.prefix { $0 != "/" }
        let target: EgressTarget
        do throws(EgressRefusal) {
            target = try EgressTarget(authority: authority.utf8, defaultPort: isSecure ? 443 : 80)
        } catch { throw refuse(error.detail) }
        // The comparison is with what a reader of the policy sees.
        guard authority == "\(target.host)" || authority == "\(target)" else {
            throw refuse("the host is not in its canonical form")
        }
        if !isSecure {
            guard allowsPrivate, let address = target.host.address,
                AddressClass(of: address)?.isAdmittedByPrivateRule == true
            else {
                throw refuse(
                    "`http` is for a private address in digits, with `private: true`, alone")
            }
        }
        self.name = name
        self.target = target
        self.isSecure = isSecure
        var path = String(rest.dropFirst(authority.count))
        while path.hasSuffix("/") { path.removeLast() }
        self.path = path
        // An address has no name that a ClientHello could have; its certificate is checked all the same.
        let transport: EgressRule.Transport =
            isSecure ? (target.host.isName ? .tls : .tcp) : .http
        rule = try EgressRule(
            host: "\(target.host)", ports: [target.port], transport: transport,
            allowsPrivate: allowsPrivate)
    }

    package var destination: ModelDestination { ModelDestination(name: name, isSecure: isSecure) }

    /// The address of a request.
    ///
    /// - Parameter path: begins with a slash; with its query.
    package func url(of path: String) -> String {
        let isUsual = target.port == (isSecure ? 443 : 80)
        let authority = isUsual ? "\(target.host)" : "\(target)"
        return (isSecure ? "https://" : "http://") + authority + self.path + path
    }
}

/// The provider that a request for a model names, and whether it is sent over TLS.
package struct ModelDestination: Hashable, Sendable {
    package let name: String
    package let isSecure: Bool

    package init(name: String, isSecure: Bool) {
        self.name = name
        self.isSecure = isSecure
    }

    /// The name of the entry as the rule of a record: `model main`.
    package var rule: String { "model \(name)" }
}
