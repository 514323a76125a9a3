import InterlockJSON

/// The scopes of an external credential (RFC 6749, section 3.3): `<server>:<class>` covers the tools of a class,
/// `<server>:<tool>` one tool. Scopes only restrict: a call that the policy denies stays denied.
///
/// A word that names a class always means the class, even if a tool has the same name.
package struct ScopeSet: Hashable, Sendable {
    private let words: [String]

    package static let largestBytes = 4096
    package static let largestCount = 256

    package static let empty = ScopeSet(words: [])
    private init(words: [String]) { self.words = words }

    /// - Parameter text: words separated by single spaces, the form of the `scope` claim (RFC 9068).
    /// - Returns: nil if a word contains a character that a scope must not have, or if there are too many.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.largestBytes else { return nil }
        if text.isEmpty {
            words = []
            return
        }
        let found = text.split(separator: " ", omittingEmptySubsequences: false)
        guard found.count <= Self.largestCount, found.allSatisfy(Self.isWord) else { return nil }
        var words: [String] = []
        for word in found where !words.contains(where: { sameBytes($0, String(word)) }) {
            words.append(String(word))
        }
        self.words = words
    }

    /// Covers all tools of these servers, and these tools. Returns nil if a tool has the name of a class, because no
    /// word can denote it, or if there are too many.
    package init?(servers: [ServerName], tools: [ToolAddress]) {
        var words: [String] = []
        for server in servers {
            words += ToolClass.allCases.map { Self.word(for: server, $0) }
        }
        for tool in tools {
            guard let word = Self.word(for: tool) else { return nil }
            words.append(word)
        }
        self.init(words.joined(separator: " "))
    }

    /// Returns true if the words of `wide` include all words of `narrow`; nil means unrestricted.
    package static func isWithin(_ narrow: ScopeSet?, _ wide: ScopeSet?) -> Bool {
        guard let wide else { return true }
        guard let narrow else { return false }
        return narrow.words.allSatisfy { word in wide.words.contains { sameBytes($0, word) } }
    }

    /// The form of the `scope` claim.
    package var text: String { words.joined(separator: " ") }

    /// - Parameter toolClass: the class of the tool, or nil if the policy sets none.
    package func covers(_ address: ToolAddress, _ toolClass: ToolClass?) -> Bool {
        let byTool = Self.word(for: address)
        let byClass = toolClass.map { Self.word(for: address.server, $0) }
        return [byTool, byClass].contains { covering in
            guard let covering else { return false }
            return words.contains { sameBytes($0, covering) }
        }
    }

    /// Returns the scopes that a token needs for this call: those that it has for the server, so that a new request
    /// loses none, and the narrowest missing one (docs/specs/mcp.md, section 8.1).
    package func needed(for address: ToolAddress, _ toolClass: ToolClass?) -> String {
        let missing =
            Self.word(for: address) ?? toolClass.map { Self.word(for: address.server, $0) } ?? ""
        let held = words.filter { $0.hasPrefix(address.server.text + ":") }
        return (held + [missing]).joined(separator: " ")
    }

    package static func word(for server: ServerName, _ toolClass: ToolClass) -> String {
        "\(server.text):\(toolClass.rawValue)"
    }

    /// Returns nil if the tool has the name of a class.
    private static func word(for address: ToolAddress) -> String? {
        ToolClass(rawValue: address.tool.text) == nil
            ? "\(address.server.text):\(address.tool.text)" : nil
    }

    /// Returns true if the word is a `scope-token` of RFC 6749, section 3.3.
    private static func isWord(_ word: Substring) -> Bool {
        !word.isEmpty && word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
    }
}
