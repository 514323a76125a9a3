import InterlockJSON

/// What is looked for in Codex's `config.toml`: its servers by name. TOML is not parsed: a section
/// `[mcp_servers.NAME]` stands on a line of its own, and nothing but a new section is ever written. Whatever
/// else speaks of `mcp_servers` is not understood, and said to be there.
package struct CodexFile: Sendable {
    package struct Entry: Sendable, Hashable {
        package let name: String
        /// From 1.
        package let line: Int
        /// The relay that its section starts, as `entryTOML` writes it; nil for anything else.
        package fileprivate(set) var relay: RelayCommand?
    }

    package let entries: [Entry]
    /// Something like `mcp_servers = {...}` or `mcp_servers.x.command`, which lines cannot tell apart: nothing
    /// is appended to such a file.
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
                if let section { entries[entries.count - 1].relay = section.relay }
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
            // It belongs to a server whose own section names it.
            default: break
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
}

/// The lines of one server. It is a relay when its command and arguments are, each on one line and there
/// once; a line that is not understood may say otherwise.
private struct CodexSection {
    private var command: String?
    private var arguments: [String]?
    private var isClear = true

    var relay: RelayCommand? {
        guard isClear, let command, let arguments else { return nil }
        return RelayCommand(program: command, arguments: arguments)
    }

    mutating func read(_ line: TOMLLine) {
        guard let (key, value) = line.pair else {
            isClear = false
            return
        }
        switch key {
        case "command":
            isClear = isClear && command == nil && value?.string != nil
            command = value?.string
        case "args":
            isClear = isClear && arguments == nil && value?.array != nil
            arguments = value?.array?.map { $0.string ?? "" }
        case "url": isClear = false
        default: return
        }
    }
}
