package import InterlockModel

/// The name of a case, unique in its suite: `[a-z0-9][a-z0-9-]{0,62}`.
package struct CaseID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init?(_ text: String) {
        guard isLowerName(text) else { return nil }
        self.text = text
    }

    package var description: String { text }
    package static func < (a: CaseID, b: CaseID) -> Bool { a.text < b.text }
}

extension ToolAddress {
    /// Parses `server.tool`, `server.resource:name` or `server.prompt:name`: the first dot separates the server.
    package init?(ofCase text: String) {
        guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")),
            let server = ServerName(String(text[..<dot])),
            let tool = ToolName(item: String(text[text.utf8.index(after: dot)...]))
        else { return nil }
        self.init(server: server, tool: tool)
    }
}
