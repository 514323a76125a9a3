import InterlockJSON
import InterlockModel

/// The address of a page that a server asks to open (docs/specs/mcp.md, section 9): https, or http to loopback only,
/// without a user, on a reviewed host.
struct PageAddress {
    static let maximumBytes = 2048
    /// A remark about the host that the person should see, or nil.
    let note: String?

    /// - Parameter hosts: the reviewed hosts, in lower case.
    init(_ text: String, hosts: Set<ExactText>) throws(InputRefusal) {
        guard text.utf8.count <= Self.maximumBytes,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
            let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://")
        else { throw .malformed("its url is no address of a page") }
        let scheme = text[..<colon].lowercased()
        let rest = text[text.index(colon, offsetBy: 3)...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else { throw .malformed("its url names a user") }
        let host = try Self.host(of: authority)
        let isLoopback = ["localhost", "127.0.0.1", "[::1]"].contains(host)
        guard scheme == "https" || (scheme == "http" && isLoopback) else {
            throw .malformed("its url is not https")
        }
        guard hosts.contains(host) else { throw .host(host) }
        let isEncoded = host.split(separator: ".").contains { $0.hasPrefix("xn--") }
        note = "the page is on \(host)" + (isEncoded ? ", a name in encoded letters" : "")
    }

    private static func host(of authority: Substring) throws(InputRefusal) -> String {
        let name: Substring
        let port: Substring
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            name = authority[...end]
            port = authority[authority.index(after: end)...]
        } else {
            name = authority.prefix { $0 != ":" }
            port = authority[name.endIndex...]
        }
        let isPort =
            port.isEmpty
            || (port.first == ":" && (1...5).contains(port.dropFirst().utf8.count)
                && port.dropFirst().utf8.allSatisfy(isDigit))
        guard !name.isEmpty, isPort, !name.contains("%") else {
            throw .malformed("its url has no plain host")
        }
        return name.lowercased()
    }
}
