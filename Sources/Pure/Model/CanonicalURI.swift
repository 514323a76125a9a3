import InterlockJSON

/// The URI under which a protected resource is known: the audience of its tokens (RFC 8707, section 2;
/// RFC 9728, section 1.2). Scheme and host are in lower case, whatever was written; there is no user
/// information, no query, no fragment and no slash at the end.
package struct CanonicalURI: Hashable, Sendable, CustomStringConvertible {
    /// At most 1,024 bytes of printable ASCII.
    package let text: String
    /// `https://gw.example:8443`
    package let origin: String
    /// `/mcp`, or empty.
    package let path: String

    package static let lengths = 1...1024
    package var description: String { text }
    package var isSecure: Bool { origin.hasPrefix("https://") }

    /// `http://127.0.0.1:7400/mcp`, where nothing else is configured.
    package static let local = CanonicalURI(origin: "http://127.0.0.1:7400", path: "/mcp")

    private init(origin: String, path: String) {
        self.origin = origin
        self.path = path
        text = origin + path
    }

    /// - Returns: nil when the text is no such URI.
    package init?(_ written: String) {
        guard let (origin, path) = Self.parts(written), !path.hasSuffix("/") else { return nil }
        self.init(origin: origin, path: path)
    }

    /// The same of a URL as people and servers write it: slashes at its end do not count.
    ///
    /// - Returns: nil when it has a user, a query or a fragment, or is no http URL.
    package init?(url: String) {
        var text = Substring(url)
        while text.hasSuffix("/") { text = text.dropLast() }
        self.init(String(text))
    }

    /// Whether an `aud` of a token names this resource: upper case of scheme and host is folded, all
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

    /// A name, an IPv4 address or a bracketed IPv6 address, and perhaps a port.
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
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// `"`, `#`, `<`, `>`, `?`, `\` and `@`: none stands in such a URI, and some would break a header.
    private static let refused = Set("\"#<>?\\@".utf8)
}
