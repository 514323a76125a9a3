package import InterlockModel

/// A path that the proxy's HTTP listener serves itself, by requests in origin form (docs/specs/sandbox.md, section 7).
package enum OwnRoute: Hashable, Sendable {
    /// `/mcp` or `/mcp/<server>`: the agent plane, with the run's identity.
    case mcp(ServerName?)
    /// `/hook/v1/event`: the reports of a coding agent's hooks.
    case hookEvent
    /// `/model/<name>/…`: a provider of `models`; the path begins with a slash and has the query.
    case model(name: String, path: String)

    /// The value of the `Host` field of such requests.
    package static let authority = "127.0.0.1:3128"
    package static let hookPath = "/hook/v1/event"
    private static let longestModelName = 64

    /// - Parameter target: the request target, visible ASCII with its query.
    /// - Returns: nil if the path is not one of these.
    package init?(target: String) {
        let path = target.prefix { $0 != "?" }
        let query = target.dropFirst(path.count)
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard path.hasPrefix("/"), let first = parts.first else { return nil }
        switch (first, parts.count) {
        case ("mcp", 1) where query.isEmpty: self = .mcp(nil)
        case ("mcp", 2) where query.isEmpty:
            guard let server = ServerName(String(parts[2])) else { return nil }
            self = .mcp(server)
        case ("hook", 3) where path == Self.hookPath && query.isEmpty: self = .hookEvent
        case ("model", 3...):
            let name = String(parts[2])
            let rest = parts.dropFirst(2)
            guard Self.isModelName(name), rest.allSatisfy(Self.isPlainSegment) else { return nil }
            self = .model(name: name, path: "/" + rest.joined(separator: "/") + String(query))
        default: return nil
        }
    }

    private static func isModelName(_ text: String) -> Bool {
        (1...longestModelName).contains(text.utf8.count)
            && text.utf8.first != UInt8(ascii: "-")
            && text.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
            }
    }

    /// Returns false for a segment that another reader could take for a way to a parent folder.
    private static func isPlainSegment(_ segment: Substring) -> Bool {
        segment != "." && segment != ".."
            && segment.utf8.allSatisfy {
                (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0)
                    || "-._~:@!$&'()*+,;=".utf8.contains($0)
            }
    }
}
