import InterlockJSON

/// A host's configuration in JSON: its servers, and edits that route some of them through the gateway.
///
/// INVARIANT: of a host's file only the entries that are taken over change; undo restores every byte, of no file when
/// one is not fit. Kept by `HostFileTests`, `Fuzz/Hosts`, `test_takeover.py`, `test_takeover_refused.py`.
package struct HostFile: Sendable {
    package let kind: HostKind
    /// The entries in the order of the file.
    package let entries: [HostEntry]
    private let document: JSONDocument

    /// The limit is large because `~/.claude.json` grows with use.
    package static let largest = 16 << 20
    package static let mostEntries = 256

    /// - Throws: `HostFileError` with the line, if the file is not a strict JSON object (a key must not occur twice), a
    ///   server list is not an object, or there are more than `mostEntries` servers.
    package init(parsing bytes: [UInt8], kind: HostKind) throws(HostFileError) {
        let limits = JSONLimits(depth: 64, bytes: Self.largest, largeIntegers: .keep)
        do throws(JSONError) {
            document = try JSONDocument(parsing: bytes, limits: limits)
        } catch {
            let lines = 1 + bytes.prefix(error.offset).count { $0 == UInt8(ascii: "\n") }
            throw HostFileError(line: lines, reason: "\(error)")
        }
        self.kind = kind
        guard document.root.value.object != nil else {
            throw HostFileError(line: 1, reason: "the file is no JSON object")
        }
        var entries: [HostEntry] = []
        for (table, project) in Self.tables(document.root, kind) {
            guard table.node.value.object != nil else {
                throw HostFileError(
                    line: document.line(of: table.range.lowerBound),
                    reason: "`\(table.key)` is no object")
            }
            for member in table.node.members {
                entries.append(
                    HostEntry(
                        name: member.key, node: member.node,
                        line: document.line(of: member.range.lowerBound), project: project))
            }
        }
        guard entries.count <= Self.mostEntries else {
            throw HostFileError(line: 1, reason: "more than \(Self.mostEntries) servers")
        }
        self.entries = entries
    }

    /// Returns the members that list servers, each with its project: Claude Code stores the servers of one project
    /// below `projects` in the user's file.
    private static func tables(
        _ root: JSONNode, _ kind: HostKind
    ) -> [(table: JSONMember, project: String?)] {
        var tables: [(JSONMember, String?)] = []
        if let own = root[kind.table] { tables.append((own, nil)) }
        if kind == .claudeCode {
            for project in root["projects"]?.node.members ?? [] {
                if let table = project.node[kind.table] { tables.append((table, project.key)) }
            }
        }
        return tables
    }

    /// Returns the file with the named entries starting the relay. Members of an entry that describe its connection are
    /// replaced; everything else, including comments and the host's own members, stays byte for byte.
    ///
    /// - Parameter relays: the relays by the index of an entry in `entries`.
    package func leading(_ relays: [Int: RelayCommand]) -> [UInt8] {
        var edit = JSONEdit(of: document)
        for (place, relay) in relays {
            lead(entries[place].node, to: relay, &edit)
        }
        return edit.bytes
    }

    private func lead(_ node: JSONNode, to relay: RelayCommand, _ edit: inout JSONEdit) {
        // One member is rewritten in place; the others are removed.
        guard let kept = node["command"] ?? node["url"] else { return }
        var text = "\"command\": \(relay.commandJSON)"
        if let arguments = node["args"], kept.key == "command" {
            edit.replace(arguments.node.range, with: relay.argumentsJSON)
        } else {
            text += "," + edit.separator(before: kept) + "\"args\": \(relay.argumentsJSON)"
        }
        edit.replace(kept.range, with: text)
        let type = node["type"] ?? node["transport"]
        if let type { edit.replace(type.node.range, with: "\"stdio\"") }
        var gone = HostEntry.connection
        gone.subtract(["command", kept.key, "type"])
        if kept.key == "command" { gone.remove("args") }
        if type?.key == "transport" { gone.remove("transport") }
        edit.remove(Set(texts: gone), from: node)
    }

    /// Returns the file with one more server, or with the server of this name replaced.
    package func adding(_ name: String, _ relay: RelayCommand) -> [UInt8] {
        var edit = JSONEdit(of: document)
        let value = relay.entryJSON(kind)
        guard let table = document.root[kind.table] else {
            edit.append(kind.table, "{\"\(name)\": \(value)}", to: document.root)
            return edit.bytes
        }
        if let old = table.node[name] {
            edit.replace(old.node.range, with: value)
        } else {
            edit.append(name, value, to: table.node)
        }
        return edit.bytes
    }

    /// Returns a new file with only that server, for a host without a file.
    package static func fresh(_ name: String, _ relay: RelayCommand, kind: HostKind) -> [UInt8] {
        Array("{\n  \"\(kind.table)\": {\n    \"\(name)\": \(relay.entryJSON(kind))\n  }\n}\n".utf8)
    }
}

/// The reason why a host's file cannot be read: one sentence without a full stop.
package struct HostFileError: Error, Sendable, Hashable {
    /// The line number, from 1.
    package let line: Int
    package let reason: String
}
