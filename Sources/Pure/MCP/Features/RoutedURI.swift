package import InterlockModel

/// A URI at `/mcp`: `interlock:<server>:<original>`, so that nobody has to guess which server it is of.
package struct RoutedURI: Sendable, Equatable {
    package let server: ServerName
    /// As the server writes it; may be a template.
    package let original: String

    private static let scheme = ResourceURI.gatewayScheme + ":"
    /// Of the text, in bytes.
    package static let longest = scheme.utf8.count + 32 + 1 + ResourceURI.longest

    package init(server: ServerName, original: String) {
        self.server = server
        self.original = original
    }

    /// - Returns: nil for another form; the original is not looked at.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.scheme) else { return nil }
        let rest = text.dropFirst(Self.scheme.count)
        guard let colon = rest.firstIndex(of: ":"), let server = ServerName(String(rest[..<colon]))
        else { return nil }
        self.init(server: server, original: String(rest[rest.index(after: colon)...]))
    }

    package var text: String { Self.scheme + server.text + ":" + original }
}
