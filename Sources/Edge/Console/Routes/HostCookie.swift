import InterlockGateway

/// A cookie of this origin. The prefix `__Host-` makes browsers refuse one that was set by another host, for a part
/// of the site, or without `Secure` (RFC 6265bis, 4.1.3.2).
package struct HostCookie: Sendable {
    package let name: String
    /// Seconds; nil where it ends with the browser.
    let life: Int?

    private static let valueLength = 16...256

    /// Who is signed in. The server ends it earlier than the browser.
    package static let session = HostCookie(name: "__Host-interlock", life: nil)
    /// The challenge of the ceremony that this browser has begun, so that no other one can end it.
    static let ceremony = HostCookie(name: "__Host-interlock-ceremony", life: 300)

    /// nil without the cookie, and with two of it: one of them is somebody else's.
    func value(in head: RequestHead) -> String? {
        var found: [Substring] = []
        for (header, value) in head.headers where header == "cookie" {
            for part in value.split(separator: ";") {
                let pair = part.drop { $0 == " " }
                    .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if pair.count == 2, pair[0] == name { found.append(pair[1]) }
            }
        }
        guard found.count == 1, let value = found.first,
            Self.valueLength.contains(value.utf8.count),
            value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") })
        else { return nil }
        return String(value)
    }

    /// For `Set-Cookie`.
    package func set(_ value: String) -> String {
        "\(name)=\(value); Path=/; Secure; HttpOnly; SameSite=Strict"
            + (life.map { "; Max-Age=\($0)" } ?? "")
    }

    /// For `Set-Cookie`: there is none any more.
    package var ended: String {
        "\(name)=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"
    }
}
