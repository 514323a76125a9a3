import CLinux
import Glibc

/// Where requests over plain HTTP go when no name has to be looked up: `http://`, an address or
/// `localhost`, a path. Whatever has another form is left to libcurl.
struct PlainRoute: Sendable {
    var origin: PlainOrigin
    /// With the query; begins with `/`.
    let target: String

    private static let scheme = "http://"

    /// - Returns: nil for every other form, also for targets that libcurl would normalise.
    init?(url: String) {
        guard url.hasPrefix(Self.scheme), url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            return nil
        }
        let rest = url.dropFirst(Self.scheme.utf8.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let target = String(rest[slash...])
        guard !target.utf8.contains(UInt8(ascii: "#")), !Self.hasDotSegment(target),
            let origin = PlainOrigin(authority: String(rest[..<slash]))
        else { return nil }
        self.origin = origin
        self.target = target.isEmpty ? "/" : target
    }

    private static func hasDotSegment(_ target: String) -> Bool {
        target.prefix { $0 != "?" }.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }
}

/// A host and port, with the addresses at which it is tried, in order.
struct PlainOrigin: Hashable, Sendable {
    /// As in the URL: what `Host` says.
    let authority: String
    let addresses: [SocketAddress]
    /// The user whose process must be at the other end; nil for any.
    var owner: UInt32?

    /// - Returns: nil for names, user information and ports that are none.
    init?(authority: String) {
        var host = Substring(authority)
        var port: UInt16 = 80
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0
            else { return nil }
            port = number
            host = authority[..<colon]
        }
        let texts: [String]
        if host == "localhost" {
            texts = ["127.0.0.1", "::1"]
        } else if host.hasPrefix("["), host.hasSuffix("]") {
            texts = [String(host.dropFirst().dropLast())].filter { $0.contains(Character(":")) }
        } else {
            texts = [String(host)].filter { !$0.contains(Character(":")) }
        }
        let addresses = texts.compactMap { SocketAddress($0, port: port) }
        guard !addresses.isEmpty else { return nil }
        self.authority = authority
        self.addresses = addresses
    }

    // The authority makes out the addresses, so they are left out: each request looks up its pool twice.
    static func == (a: PlainOrigin, b: PlainOrigin) -> Bool {
        a.authority == b.authority && a.owner == b.owner
    }
    func hash(into hasher: inout Hasher) { hasher.combine(authority) }
}

/// An address of IPv4 or IPv6 with a port, as the kernel takes it.
struct SocketAddress: Hashable, Sendable {
    let family: Int32
    /// `sockaddr_in` or `sockaddr_in6`.
    private let bytes: [UInt8]

    /// - Returns: nil for what is no address in digits.
    init?(_ text: String, port: UInt16) {
        let isFour = !text.contains(Character(":"))
        family = isFour ? AF_INET : AF_INET6
        var address = [UInt8](repeating: 0, count: isFour ? 4 : 16)
        let family = family
        let status = unsafe address.withUnsafeMutableBytes {
            unsafe inet_pton(family, text, $0.baseAddress)
        }
        guard status == 1 else { return nil }
        // The family in the machine's order, the port in the network's.
        var bytes = unsafe withUnsafeBytes(of: UInt16(family)) { unsafe Array($0) }
        bytes += [UInt8(port >> 8), UInt8(port & 255)]
        if !isFour { bytes += [0, 0, 0, 0] }
        bytes += address
        bytes += [UInt8](repeating: 0, count: isFour ? 8 : 4)
        self.bytes = bytes
    }

    /// Begins a connection.
    /// - Returns: a non-blocking socket, connected or connecting; nil when the kernel refuses.
    func beginConnecting() -> Int32? {
        let descriptor = socket(
            family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0)
        guard descriptor >= 0 else { return nil }
        SocketCalls.setNoDelay(descriptor)
        let status = unsafe bytes.withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress else { return Int32(-1) }
            return unsafe connect(
                descriptor, address.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count))
        }
        if status == 0 || errno == EINPROGRESS { return descriptor }
        SocketCalls.close(descriptor)
        return nil
    }
}
