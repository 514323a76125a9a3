import InterlockJSON

/// The MCP servers in Codex's `config.toml`, by name. TOML is not parsed: a section `[mcp_servers.NAME]` must be on a
/// line of its own, and only new sections are ever written. Any other mention of `mcp_servers` is not interpreted, and
/// sets `hasOtherForms`.
package struct CodexFile: Sendable {
    package struct Entry: Sendable, Hashable {
        package let name: String
        /// The line number, from 1.
        package let line: Int
        /// The relay that its section starts, in the form that `entryTOML` writes; is nil for anything else.
        package fileprivate(set) var relay: RelayCommand?
        /// The address of its section, if that is the only place that says how the server is reached; is nil for anything
        /// else.
        package fileprivate(set) var url: String?
    }

    package let entries: [Entry]
    /// True if the file has a form such as `mcp_servers = {...}` or `mcp_servers.x.command`, which single lines cannot
    /// distinguish: nothing is appended to such a file.
    package let hasOtherForms: Bool
    private let bytes: [UInt8]

    package static let largest = 4 << 20
    private static let table = "mcp_servers"

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var entries: [Entry] = []
        var other = false
        var section: CodexSection?
        for (index, part) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = TOMLLine(part)
            if line.isEmpty { continue }
            guard line.text.hasPrefix("[") else {
                other = other || line.mayName(Self.table)
                section?.read(line)
                if let section {
                    entries[entries.count - 1].relay = section.relay
                    entries[entries.count - 1].url = section.url
                }
                continue
            }
            section = nil
            guard let keys = line.tableKeys else {
                other = other || line.mayName(Self.table)
                continue
            }
            guard keys[0] == Self.table else {
                other = other || keys.contains(Self.table)
                continue
            }
            switch keys.count {
            case 1: other = true
            case 2:
                section = CodexSection()
                entries.append(Entry(name: keys[1], line: index + 1, relay: nil))
            // A deeper section belongs to a server whose own section names it.
            default: break
            }
        }
        self.entries = entries
        hasOtherForms = other
    }

    /// Returns the file with a new section at its end, or nil if the name exists or its absence is not certain.
    package func adding(_ name: String, _ relay: RelayCommand) -> [UInt8]? {
        guard !hasOtherForms, !entries.contains(where: { $0.name == name }) else { return nil }
        let gap = bytes.isEmpty ? "" : bytes.last == UInt8(ascii: "\n") ? "\n" : "\n\n"
        return bytes + Array((gap + relay.entryTOML(name)).utf8)
    }
}

/// The lines of one server's section. It is a relay if its command and its arguments are each on one line and occur
/// once; a line that is not understood could change them.
private struct CodexSection {
    private var command: String?
    private var arguments: [String]?
    private var isClear = true
    private var addresses: [String?] = []
    /// True if each line was a key with its value, and no key is of a program.
    private var isRemote = true

    /// Is nil if the address is stated twice, is no text, or is not the only way to the server.
    var url: String? {
        guard isRemote, addresses.count == 1 else { return nil }
        return addresses[0]
    }

    var relay: RelayCommand? {
        guard isClear, let command, let arguments else { return nil }
        return RelayCommand(program: command, arguments: arguments)
    }

    mutating func read(_ line: TOMLLine) {
        guard let (key, value) = line.pair else {
            isClear = false
            isRemote = false
            return
        }
        isRemote = isRemote && !["command", "args", "cwd", "env"].contains(key)
        switch key {
        case "command":
            isClear = isClear && command == nil && value?.string != nil
            command = value?.string
        case "args":
            isClear = isClear && arguments == nil && value?.array != nil
            arguments = value?.array?.map { $0.string ?? "" }
        case "url":
            isClear = false
            addresses.append(value?.string)
        default: return
        }
    }
}
