package import InterlockModel

/// A URI at `/mcp`: `interlock:<server>:<original>`, which identifies the server explicitly.
package struct RoutedURI: Sendable, Equatable {
    package let server: ServerName
    /// The URI as the server writes it, or a template.
    package let original: String

    private static let scheme = ResourceURI.gatewayScheme + ":"
    /// The maximum length of the text, in bytes.
    package static let longest = scheme.utf8.count + 32 + 1 + ResourceURI.longest

    package init(server: ServerName, original: String) {
        self.server = server
        self.original = original
    }

    /// - Returns: nil if the text has another form. The original URI is not checked.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.scheme) else { return nil }
        let rest = text.dropFirst(Self.scheme.count)
        guard let colon = rest.firstIndex(of: ":"), let server = ServerName(String(rest[..<colon]))
        else { return nil }
        self.init(server: server, original: String(rest[rest.index(after: colon)...]))
    }

    package var text: String { Self.scheme + server.text + ":" + original }
}
