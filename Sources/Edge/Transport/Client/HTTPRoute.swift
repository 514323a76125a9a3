import Glibc
import InterlockModel

/// The target of a request: `http` or `https`, a host, a port, and the path with its query.
struct HTTPRoute: Sendable {
    var origin: HTTPOrigin
    /// The path and query as in the URL, without a fragment; begins with `/`.
    let target: String

    /// - Returns: nil if the text is not an http or https URL, or contains a user.
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

/// The key under which connections are pooled: a host and port, and the conditions on the peer.
struct HTTPOrigin: Hashable, Sendable {
    enum Host: Sendable {
        /// A numeric address or `localhost`, tried in this order.
        case addresses([SocketAddress])
        /// A name to resolve for each connection.
        case name
    }

    /// The value of the `Host` field, as in the URL.
    let authority: String
    let isSecure: Bool
    /// The name that a certificate must contain, without brackets and port.
    let name: String
    /// The name to resolve: `name`, with the final dot if the URL has one, so that no search domain is appended.
    private(set) var lookUpName = ""
    let host: Host
    let port: UInt16
    /// The user whose process must be the peer, or nil for any.
    var owner: UInt32?
    /// True if only addresses outside private networks may be connected to.
    var isPublicOnly = false
    /// False if a name may lead to addresses outside private networks only.
    var allowsPrivateNames = true
    /// Certificate authorities in addition to those of the system.
    var authorities: TLSAuthorities?
    /// The node that must be at the other end.
    var pinned: PinnedConnection?
    /// True if a connection carries one request and is never pooled.
    var isSingle = false

    private static let longestName = 253

    /// - Returns: nil if the authority contains user information, or an invalid host or port.
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
            // Certificates contain a name without its final dot.
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
    /// True if a certificate must contain the address instead of a name.
    var isAddress: Bool { hasKnownAddresses && name != "localhost" }

    /// Returns the addresses that may be connected to; `refusal` says why there are none.
    func admitted(_ addresses: [SocketAddress]) -> (fitting: [SocketAddress], refusal: String) {
        let others = addresses.filter { !InternetAddress.isMetadata($0.addressBytes) }
        if others.isEmpty, !isPublicOnly {
            return ([], "its address is link-local or that of a cloud's metadata service")
        }
        let isPublic = isPublicOnly || !allowsPrivateNames && !hasKnownAddresses
        guard isPublic else { return (others, "") }
        let advice = isPublicOnly ? "" : "; `private: true` in `connect` allows a private one"
        return (
            others.filter { InternetAddress.isPublic($0.addressBytes) },
            "its address is private, loopback or link-local" + advice
        )
    }

    private static func isName(_ host: Substring) -> Bool {
        (1...longestName).contains(host.utf8.count)
            && host.split(separator: ".", omittingEmptySubsequences: false)
                .allSatisfy { (1...63).contains($0.utf8.count) }
            && host.utf8.allSatisfy { isLetter($0) || isDigit($0) || "-._".utf8.contains($0) }
    }

    // The host follows from the authority and is not compared: each request looks up its pool twice.
    static func == (a: HTTPOrigin, b: HTTPOrigin) -> Bool {
        a.authority == b.authority && a.isSecure == b.isSecure && a.owner == b.owner
            && a.isPublicOnly == b.isPublicOnly && a.allowsPrivateNames == b.allowsPrivateNames
            && a.authorities == b.authorities && a.pinned == b.pinned
    }
    func hash(into hasher: inout Hasher) { hasher.combine(authority) }
}
