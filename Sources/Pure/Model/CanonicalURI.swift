import InterlockJSON

/// The URI that identifies a protected resource: the audience of its tokens (RFC 8707, section 2; RFC 9728, section
/// 1.2). Scheme and host are in lower case, whatever the input. User information, query, fragment and a final slash are
/// excluded.
package struct CanonicalURI: Hashable, Sendable, CustomStringConvertible {
    /// The whole URI: at most 1,024 bytes of printable ASCII.
    package let text: String
    /// The scheme and authority, such as `https://gw.example:8443`.
    package let origin: String
    /// The path, such as `/mcp`, or an empty string.
    package let path: String

    package static let lengths = 1...1024
    package var description: String { text }
    package var isSecure: Bool { origin.hasPrefix("https://") }

    /// The default, `http://127.0.0.1:7400/mcp`.
    package static let local = CanonicalURI(origin: "http://127.0.0.1:7400", path: "/mcp")

    private init(origin: String, path: String) {
        self.origin = origin
        self.path = path
        text = origin + path
    }

    /// - Returns: nil if the text is not such a URI.
    package init?(_ written: String) {
        guard let (origin, path) = Self.parts(written), !path.hasSuffix("/") else { return nil }
        self.init(origin: origin, path: path)
    }

    /// Parses a URL as people and servers write it, ignoring slashes at its end.
    ///
    /// - Returns: nil if the URL has a user, a query or a fragment, or is not an http or https URL.
    package init?(url: String) {
        var text = Substring(url)
        while text.hasSuffix("/") { text = text.dropLast() }
        self.init(String(text))
    }

    /// Returns true if an `aud` of a token names this resource. Upper case in scheme and host is folded; everything
    /// else is compared byte by byte.
    package func isNamed(by audience: String) -> Bool {
        if sameBytes(audience, text) { return true }
        guard let (origin, path) = Self.parts(audience) else { return false }
        return sameBytes(origin, self.origin) && sameBytes(path, self.path)
    }

    private static func parts(_ written: String) -> (origin: String, path: String)? {
        guard lengths.contains(written.utf8.count),
            written.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !refused.contains($0) })
        else { return nil }
        let lower = written.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else {
            return nil
        }
        let rest = written.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard isAuthority(rest[..<slash]) else { return nil }
        return (scheme + rest[..<slash].lowercased(), String(rest[slash...]))
    }

    /// Returns true if the text is a host name, an IPv4 address or a bracketed IPv6 address, optionally with a port.
    private static func isAuthority(_ text: Substring) -> Bool {
        var host = text
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            let port = text[text.index(after: colon)...]
            guard let number = UInt16(port), String(number) == port else {
                return false
            }
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = host.dropFirst().dropLast()
            return !address.isEmpty && address.allSatisfy { $0.isHexDigit || $0 == ":" }
        }
        return !host.isEmpty
            && host.utf8.allSatisfy { isLetter($0) || isDigit($0) || "-.".utf8.contains($0) }
    }

    /// The characters `"`, `#`, `<`, `>`, `?`, `\` and `@`: such a URI contains none of them, and some would break a
    /// header.
    private static let refused = Set("\"#<>?\\@".utf8)
}
