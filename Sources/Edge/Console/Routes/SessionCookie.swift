import InterlockGateway

/// The cookie that a signed-in browser brings. The prefix `__Host-` makes browsers refuse one that was set by
/// another host, for a part of the site, or without `Secure` (RFC 6265bis, 4.1.3.2).
package enum SessionCookie {
    package static let name = "__Host-interlock"
    private static let tokenLength = 16...256

    /// nil without the cookie, and with two of it: one of them is somebody else's.
    static func token(in head: RequestHead) -> String? {
        var found: [Substring] = []
        for (header, value) in head.headers where header == "cookie" {
            for part in value.split(separator: ";") {
                let pair = part.drop { $0 == " " }
                    .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if pair.count == 2, pair[0] == name { found.append(pair[1]) }
            }
        }
        guard found.count == 1, let token = found.first, tokenLength.contains(token.utf8.count),
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") })
        else { return nil }
        return String(token)
    }

    /// For `Set-Cookie`, at sign-in. Ends with the browser; the server ends it earlier.
    package static func header(token: String) -> String {
        "\(name)=\(token); Path=/; Secure; HttpOnly; SameSite=Strict"
    }

    /// For `Set-Cookie`, at sign-out.
    package static let ended = "\(name)=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"
}
