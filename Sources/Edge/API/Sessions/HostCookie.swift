import InterlockAdministration
import InterlockGovernor
package import InterlockPorts

/// A cookie of this origin. Browsers reject a cookie with the prefix `__Host-` that was set by another host, for a part
/// of the site, or without `Secure` (RFC 6265bis, 4.1.3.2).
package struct HostCookie: Sendable {
    package let name: String
    /// The lifetime in seconds, or nil if it ends with the browser session.
    let life: Int?

    package init(name: String, life: Int?) {
        self.name = name
        self.life = life
    }

    private static let valueLength = 16...256

    /// The session's token. The server ends a session before the browser does.
    package static let session = HostCookie(name: "__Host-interlock", life: nil)
    /// The challenge of the ceremony that this browser began, so that no other browser can complete it.
    package static let ceremony = HostCookie(name: "__Host-interlock-ceremony", life: 300)

    /// The limit in bytes for the whole header; a browser sends two cookies of this origin and a few of other ports.
    private static let longestHeader = 8192

    /// Returns nil if the cookie is missing or occurs twice, since one of the two is from another origin. Makes one
    /// pass over the bytes.
    package func value(in head: RequestHead) -> String? {
        let wanted = Array(name.utf8) + [UInt8(ascii: "=")]
        var found: String?
        for (header, value) in head.headers where header == "cookie" {
            let bytes = Array(value.utf8)
            guard bytes.count <= Self.longestHeader else { return nil }
            var start = 0
            while start < bytes.count {
                let end = bytes[start...].firstIndex(of: UInt8(ascii: ";")) ?? bytes.count
                while start < end, bytes[start] == UInt8(ascii: " ") { start += 1 }
                if bytes[start..<end].starts(with: wanted) {
                    guard found == nil else { return nil }
                    found = String(decoding: bytes[(start + wanted.count)..<end], as: UTF8.self)
                }
                start = end + 1
            }
        }
        guard let found, Self.valueLength.contains(found.utf8.count),
            found.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") })
        else { return nil }
        return found
    }

    /// Returns the value of `Set-Cookie` that sets the cookie.
    package func set(_ value: String) -> String {
        "\(name)=\(value); Path=/; Secure; HttpOnly; SameSite=Strict"
            + (life.map { "; Max-Age=\($0)" } ?? "")
    }

    /// The value of `Set-Cookie` that deletes the cookie.
    package var ended: String { "\(name)=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0" }
}
