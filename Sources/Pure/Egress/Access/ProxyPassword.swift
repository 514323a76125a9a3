import InterlockModel

/// The password of one run's proxy, where other processes of the host reach its listeners too: isolation `reduced`
/// (docs/specs/sandbox.md, section 10). The name is always `run`.
package struct ProxyPassword: Sendable {
    package static let user = "run"
    /// 1 to 255 bytes of letters and digits.
    package let text: String
    private let basic: [UInt8]

    /// - Returns: nil if the text is not such a password.
    package init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0)
        }
        guard (1...255).contains(text.utf8.count), isPlain else { return nil }
        self.text = text
        basic = Array(Base64.encode(Array("\(Self.user):\(text)".utf8)).utf8)
    }

    /// Judges the value of `Proxy-Authorization` (RFC 7617); nil if the request has none.
    package func accepts(_ field: [UInt8]?) -> Bool {
        guard let field, let space = field.firstIndex(of: 32) else { return false }
        let scheme = field[..<space].map { (65...90).contains($0) ? $0 | 32 : $0 }
        let value = Array(field[space...].drop { $0 == 32 })
        return scheme.elementsEqual("basic".utf8) && equalInConstantTime(value, basic)
    }

    /// Judges a name and a password of SOCKS5 (RFC 1929).
    package func accepts(user: some Sequence<UInt8>, password: [UInt8]) -> Bool {
        user.elementsEqual(Self.user.utf8) && equalInConstantTime(password, Array(text.utf8))
    }

    /// A whole HTTP response that asks for the password, after which the connection closes.
    package static let challenge = Array(
        ("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"run\"\r\n"
            + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\nConnection: close\r\n"
            + "\r\npassword\n").utf8)
}
