/// What is looked for in Codex's `config.toml`: the names of its servers. TOML is not parsed: a section
/// `[mcp_servers.NAME]` stands on a line of its own, and nothing but a new section is ever written.
package struct CodexFile: Sendable {
    package struct Entry: Sendable, Hashable {
        package let name: String
        /// From 1.
        package let line: Int
        /// Its section runs `interlock stdio`.
        package let isGoverned: Bool
    }

    package let entries: [Entry]
    /// Something like `mcp_servers = {...}` or `mcp_servers.x.command`, which lines cannot tell apart: nothing
    /// is appended to such a file.
    package let hasOtherForms: Bool
    private let bytes: [UInt8]

    package static let largest = 4 << 20

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var entries: [Entry] = []
        var other = false
        var section: String?
        let text = String(decoding: bytes, as: UTF8.self)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let bare = line.drop { $0 == " " || $0 == "\t" }
            if bare.hasPrefix("[") {
                section = Self.name(ofSection: bare)
                if let section {
                    entries.append(Entry(name: section, line: index + 1, isGoverned: false))
                }
                other =
                    other
                    || section == nil && bare.contains("mcp_servers")
                        && !Self.isBelowServer(bare)
            } else if bare.hasPrefix("mcp_servers") || bare.hasPrefix("\"mcp_servers\"") {
                other = true
            } else if section != nil, let last = entries.last, Self.startsInterlock(bare) {
                entries[entries.count - 1] = Entry(
                    name: last.name, line: last.line, isGoverned: true)
            }
        }
        self.entries = entries
        hasOtherForms = other
    }

    /// The file with a new section at its end; nil where that name is there, or cannot be ruled out.
    package func adding(_ name: String, _ relay: RelayCommand) -> [UInt8]? {
        guard !hasOtherForms, !entries.contains(where: { $0.name == name }) else { return nil }
        let gap = bytes.isEmpty ? "" : bytes.last == UInt8(ascii: "\n") ? "\n" : "\n\n"
        return bytes + Array((gap + relay.entryTOML(name)).utf8)
    }

    /// `[mcp_servers.NAME]` with a bare or quoted name, and nothing below it.
    private static func name(ofSection line: Substring) -> String? {
        let start = "[mcp_servers."
        guard line.hasPrefix(start), let end = line.firstIndex(of: "]") else { return nil }
        var name = line[..<end].dropFirst(start.count)
        if name.hasPrefix("\""), name.hasSuffix("\""), name.count >= 2 {
            name = name.dropFirst().dropLast()
            return name.isEmpty || name.contains("\"") ? nil : String(name)
        }
        return name.isEmpty || name.contains(".") || name.contains("\"") ? nil : String(name)
    }

    /// `[mcp_servers.NAME.env]` belongs to a server whose own section names it.
    private static func isBelowServer(_ line: Substring) -> Bool {
        line.hasPrefix("[mcp_servers.")
    }

    private static func startsInterlock(_ line: Substring) -> Bool {
        guard line.hasPrefix("command"), let equals = line.firstIndex(of: "=") else { return false }
        let value = line[line.index(after: equals)...].filter { $0 != " " && $0 != "\t" }
        let path = value.dropFirst().prefix { $0 != "\"" && $0 != "'" }
        return path == "interlock" || path.hasSuffix("/interlock")
    }
}
