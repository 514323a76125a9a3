import Glibc

/// Where a request goes: `http` or `https`, a host, a port, and the path with its query.
struct HTTPRoute: Sendable {
    var origin: HTTPOrigin
    /// Begins with `/`; as the URL has it, but for a fragment, which no server is told.
    let target: String

    /// - Returns: nil for another scheme, for a user in the URL, and for what is no URL.
    init?(url: String) {
        guard url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }),
            let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://")
        else { return nil }
        let isSecure: Bool
        switch url[..<colon].lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: return nil
        }
        let rest = url[colon...].dropFirst(3).prefix { $0 != "#" }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let origin = HTTPOrigin(authority: String(rest[..<end]), isSecure: isSecure) else {
            return nil
        }
        self.origin = origin
        target = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
    }
}

/// A server as connections are kept for it: a host and port, and what was asked of its other end.
struct HTTPOrigin: Hashable, Sendable {
    enum Host: Sendable {
        /// In digits, or `localhost`; tried in this order.
        case addresses([SocketAddress])
        /// To be looked up for each connection.
        case name
    }

    /// As in the URL: what `Host` says.
    let authority: String
    let isSecure: Bool
    /// What a certificate must name: without brackets and port.
    let name: String
    /// What is looked up: the same, with the root's dot where the URL has one, so that no domain is added to it.
    private(set) var lookUpName = ""
    let host: Host
    let port: UInt16
    /// The user whose process must be at the other end; nil for any.
    var owner: UInt32?
    /// Whether only addresses outside of one's own networks are connected to.
    var isPublicOnly = false
    /// Whose signatures of certificates count besides those that the system knows.
    var authorities: TLSAuthorities?

    private static let longestName = 253

    /// - Returns: nil for user information, and for hosts and ports that are none.
    init?(authority: String, isSecure: Bool) {
        var host = Substring(authority)
        var port: UInt16 = isSecure ? 443 : 80
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            let digits = authority[authority.index(after: colon)...]
            guard let number = UInt16(digits), number > 0, String(number) == digits else {
                return nil
            }
            port = number
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let digits = String(host.dropFirst().dropLast())
            guard digits.contains(Character(":")), let address = SocketAddress(digits, port: port)
            else { return nil }
            self.host = .addresses([address])
            name = digits
        } else if let address = SocketAddress(String(host), port: port), address.family == AF_INET {
            self.host = .addresses([address])
            name = String(host)
        } else if host == "localhost" {
            self.host = .addresses(
                ["127.0.0.1", "::1"].compactMap { SocketAddress($0, port: port) })
            name = String(host)
        } else {
            // A name that ends with the root's dot is in certificates without it.
            let name = host.hasSuffix(".") ? host.dropLast() : host
            guard Self.isName(name) else { return nil }
            self.host = .name
            self.name = name.lowercased()
            lookUpName = host.lowercased()
        }
        self.authority = authority
        self.isSecure = isSecure
        self.port = port
    }

    var hasKnownAddresses: Bool { if case .addresses = host { true } else { false } }
    /// Whether a certificate must name an address and not a name.
    var isAddress: Bool { hasKnownAddresses && name != "localhost" }

    private static func isName(_ host: Substring) -> Bool {
        (1...longestName).contains(host.utf8.count)
            && host.split(separator: ".", omittingEmptySubsequences: false)
                .allSatisfy { (1...63).contains($0.utf8.count) }
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    // The authority makes out the host, so it is left out: each request looks up its pool twice.
    static func == (a: HTTPOrigin, b: HTTPOrigin) -> Bool {
        a.authority == b.authority && a.isSecure == b.isSecure && a.owner == b.owner
            && a.isPublicOnly == b.isPublicOnly && a.authorities == b.authorities
    }
    func hash(into hasher: inout Hasher) { hasher.combine(authority) }
}
