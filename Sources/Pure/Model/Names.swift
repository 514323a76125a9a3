import InterlockJSON

/// The name of an agent. Names follow the policy format (docs/specs/policy.md, section 2.3), and each type can only be
/// created from text that satisfies its grammar, so its users need not check again.
package struct AgentName: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let name: HashedText
    package var text: String { name.text }
    package init?(_ text: String) {
        guard isLowerName(text) else { return nil }
        name = HashedText(text)
    }
    package var description: String { text }
    package static func < (a: AgentName, b: AgentName) -> Bool { a.text < b.text }
}

/// The name of a server: at most 32 characters of `[a-z0-9](-?[a-z0-9])*`, so that the first `__` splits `server__tool`
/// and the first dot splits `server.tool`.
package struct ServerName: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let name: HashedText
    package var text: String { name.text }
    package init?(_ text: String) {
        guard text.utf8.count <= 32, isLowerName(text), text.utf8.last != UInt8(ascii: "-"),
            pair(of: UInt8(ascii: "-"), in: text.utf8.span) == nil
        else { return nil }
        name = HashedText(text)
    }
    package var description: String { text }
    package static func < (a: ServerName, b: ServerName) -> Bool { a.text < b.text }
}

/// The name of a service account, which reads the people plane with its own token, for instance `siem`.
package struct ServiceAccountName: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let name: HashedText
    package var text: String { name.text }
    package init?(_ text: String) {
        guard isLowerName(text) else { return nil }
        name = HashedText(text)
    }
    package var description: String { text }
    package static func < (a: ServiceAccountName, b: ServiceAccountName) -> Bool { a.text < b.text }
}

/// A tool's own name at its server: 1 to 128 characters of `[A-Za-z0-9_.-]`. A resource or prompt has such a name after
/// `resource:` or `prompt:`, which no tool name can contain (docs/specs/policy.md, section 3).
package struct ToolName: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let name: HashedText
    package var text: String { name.text }

    /// Creates the name of a tool.
    package init?(_ text: String) { self.init(.tool, text) }

    /// - Parameter name: the name without the prefix of its kind.
    package init?(_ kind: FeatureKind, _ name: String) {
        guard (1...128).contains(name.utf8.count),
            name.utf8.allSatisfy({ isLetter($0) || isDigit($0) || "_.-".utf8.contains($0) })
        else { return nil }
        self.name = HashedText(kind.prefix + name)
    }

    /// Parses the form in the policy and in records: `name`, `resource:name` or `prompt:name`.
    package init?(item text: String) {
        let kind = FeatureKind(of: text)
        self.init(kind, String(text.dropFirst(kind.prefix.utf8.count)))
    }

    package var kind: FeatureKind { FeatureKind(of: text) }
    /// The name without the prefix of its kind.
    package var ownName: String { String(text.dropFirst(kind.prefix.utf8.count)) }

    package var description: String { text }
    package static func < (a: ToolName, b: ToolName) -> Bool { a.text < b.text }
}

/// The kinds of server feature that are governed individually.
package enum FeatureKind: String, Sendable, CaseIterable {
    case tool, resource, prompt

    fileprivate var prefix: String { self == .tool ? "" : rawValue + ":" }

    fileprivate init(of text: String) {
        self = [.resource, .prompt].first { text.hasPrefix($0.prefix) } ?? .tool
    }
}

/// One tool, resource or prompt of one server, written `server.tool` or `server.prompt:name` for people and in the
/// policy. At `/mcp`, a tool is `server__tool`.
package struct ToolAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let server: ServerName
    package let tool: ToolName
    package init(server: ServerName, tool: ToolName) {
        self.server = server
        self.tool = tool
    }
    package var description: String { "\(server.text).\(tool.text)" }
    package var kind: FeatureKind { tool.kind }
    /// The form `server__tool`: the name on the wire at `/mcp` and in leaves, where `server__resource:name` also
    /// occurs.
    package var wireName: String { "\(server.text)__\(tool.text)" }

    /// Parses the wire name of a tool.
    package init?(wireName: String) { self.init(wireName: wireName) { ToolName($0) } }

    /// Parses the wire name of a tool, a resource or a prompt, as in leaves. It must not be used for a tool name that
    /// an agent sends.
    package init?(itemWireName: String) { self.init(wireName: itemWireName) { ToolName(item: $0) } }

    private init?(wireName: String, _ item: (String) -> ToolName?) {
        guard let split = pair(of: UInt8(ascii: "_"), in: wireName.utf8.span),
            let server = ServerName(String(wireName.utf8.prefix(split)) ?? ""),
            let tool = item(String(wireName.utf8.dropFirst(split + 2)) ?? "")
        else { return nil }
        self.init(server: server, tool: tool)
    }

    package static func < (a: ToolAddress, b: ToolAddress) -> Bool {
        a.server == b.server ? a.tool < b.tool : a.server < b.server
    }
}

/// A person, identified by an e-mail address in lower case. It never occurs in a leaf; see `Pseudonym`.
package struct Person: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let address: String
    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, text.utf8.count <= 128,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return nil }
        address = text.lowercased()
    }
    /// Creates a person who is known only as an account of the gateway's machine.
    package init(localUser number: UInt32) { address = "uid-\(number)@localhost" }
    package var description: String { address }
    package static func < (a: Person, b: Person) -> Bool { a.address < b.address }

    /// Returns nil unless `text` is spelled exactly as addresses are stored: one person has one spelling.
    package static func written(_ text: String) -> Person? {
        Person(text).flatMap { sameBytes($0.address, text) ? $0 : nil }
    }
}

/// The identifier that replaces a person in leaves and statements: base64 of 16 bytes of HMAC-SHA256.
package struct Pseudonym: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(text: String) { self.text = text }
    package var description: String { text }
}

/// Returns true if the text matches `[a-z0-9][a-z0-9-]{0,62}`.
package func isLowerName(_ text: String) -> Bool {
    guard (1...63).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "-") else {
        return false
    }
    return text.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || isDigit($0)
            || $0 == UInt8(ascii: "-")
    }
}

/// Returns the offset of the first occurrence of the byte twice in a row.
private func pair(of byte: UInt8, in text: Span<UInt8>) -> Int? {
    var place = 1
    while place < text.count {
        if text[place] == byte, text[place - 1] == byte { return place - 1 }
        place += 1
    }
    return nil
}

/// Returns true for the ten ASCII digits.
package func isDigit(_ c: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(c) }

/// Returns true for the ASCII letters of either case.
package func isLetter(_ c: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(c)
        || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(c)
}
