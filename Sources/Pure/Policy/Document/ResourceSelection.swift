import InterlockJSON
import InterlockModel

/// The kinds of resource that a grant may be narrowed to (docs/specs/policy.md, section 2.5). The entry of a tool
/// declares the argument that names each (`selects`), which is reviewed with the server; a grant lists the permitted
/// ones (`only`).
package enum ResourceKind: String, Sendable, CaseIterable {
    case database, schema, table
    /// A file or folder on the server; a permitted folder includes everything below it.
    case path
}

/// The resources that a grant is narrowed to, as written.
struct ResourceSelection: Sendable {
    let permitted: [ResourceKind: [Located<String>]]
    let place: PolicyLocation
    let path: String

    init?(_ value: TypedValue?) {
        guard let value else { return nil }
        var permitted: [ResourceKind: [Located<String>]] = [:]
        for member in value.members {
            guard let kind = ResourceKind(rawValue: member.key) else { continue }
            permitted[kind] = member.value.texts
        }
        self.permitted = permitted
        place = value.place
        path = value.path
    }

    /// The guard that holds if the tool's arguments name permitted resources alone: `false` if that is unknown.
    ///
    /// - Parameter tool: the tool that the grant names.
    func guardText(for tool: ToolSpec, _ findings: inout Findings) -> String {
        guard !permitted.isEmpty else {
            findings.add(.unfitSelection, at: place, path: path, "only: names nothing")
            return "false"
        }
        return ResourceKind.allCases.filter { permitted[$0] != nil }
            .map { condition(of: $0, for: tool, &findings) }.joined(separator: " && ")
    }

    private func condition(
        of kind: ResourceKind, for tool: ToolSpec, _ findings: inout Findings
    ) -> String {
        guard let argument = tool.selects[kind] else {
            findings.add(
                .unfitSelection, at: place, path: path,
                "only: the entry of `\(tool.name)` does not say which argument names the \(kind.rawValue)"
            )
            return "false"
        }
        let names = permitted[kind] ?? []
        guard !names.isEmpty else {
            findings.add(
                .unfitSelection, at: place, path: path, "only: `\(kind.rawValue)` names nothing")
            return "false"
        }
        guard kind == .path else {
            return "\(argument) in [\(names.map { literal($0.value) }.joined(separator: ", "))]"
        }
        var folders: [String] = []
        for name in names {
            guard let folder = Self.folder(name.value) else {
                findings.add(
                    .unfitSelection, at: name.place, path: name.path,
                    "only: `\(name.value)` is no plain absolute path below `/`")
                return "false"
            }
            folders.append(Self.quoted(folder))
        }
        let pattern = "^(?:\(folders.joined(separator: "|")))(?:/\(Self.part))*/?$"
        return "\(argument).matches(\(literal(pattern)))"
    }

    /// One part of a path, as a pattern of RE2: not empty, not `.` or `..`, and without a backslash or a control
    /// character, by which a path can lead elsewhere than its beginning says.
    private static let part: String = {
        let sign = #"[^/\\\p{Cc}]"#
        let plain = #"[^./\\\p{Cc}]"#
        return #"(?:\#(plain)\#(sign)*|\.\#(plain)\#(sign)*|\.\.\#(sign)+)"#
    }()

    /// The text as a pattern of RE2 that matches it alone.
    private static func quoted(_ text: String) -> String {
        text.unicodeScalars.map { sign in
            #"\.+*?()|[]{}^$"#.unicodeScalars.contains(sign) ? "\\\(sign)" : "\(sign)"
        }.joined()
    }

    /// The path without a slash at its end; nil unless it is absolute, below the root, and without detours.
    private static func folder(_ text: String) -> String? {
        let path = text.hasSuffix("/") ? String(text.dropLast()) : text
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.first == "", parts.count > 1,
            parts.dropFirst().allSatisfy({ !["", ".", ".."].contains($0) }),
            path.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f && $0 != "\\" })
        else { return nil }
        return path
    }

    /// The text as a literal of CEL, whose escapes include those of JSON.
    private func literal(_ text: String) -> String {
        String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
    }
}

/// Reads `selects` of a tool.
func readSelects(
    _ value: TypedValue?, _ findings: inout Findings
) -> [ResourceKind: String] {
    var selects: [ResourceKind: String] = [:]
    for member in value?.members ?? [] {
        guard let kind = ResourceKind(rawValue: member.key), let text = member.value.text else {
            continue
        }
        guard isArgument(text) else {
            findings.add(
                .unfitSelection, at: member.value,
                "selects: `\(text)` is no argument; write it as guards do, such as `args.table`")
            continue
        }
        selects[kind] = text
    }
    return selects
}

/// True for `args.name` and members of it.
private func isArgument(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 1 && parts[0] == "args"
        && parts.dropFirst().allSatisfy { part in
            let bytes = Array(part.utf8)
            return !bytes.isEmpty && !(0x30...0x39).contains(bytes[0])
                && bytes.allSatisfy {
                    (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0)
                        || (0x30...0x39).contains($0) || $0 == 0x5f
                }
        }
}

extension AgentSpec {
    /// The agent with the guards that its selections mean, or itself if it has none.
    func narrowed(by servers: [ServerSpec], _ findings: inout Findings) -> AgentSpec {
        guard scopes.contains(where: { $0.grants.contains { $0.only != nil } }) else { return self }
        var narrowed: [ScopeSpec] = []
        for scope in scopes {
            let server = servers.first { $0.name.text == scope.server }
            var grants: [GrantSpec] = []
            for grant in scope.grants { grants.append(grant.narrowed(by: server, &findings)) }
            narrowed.append(
                ScopeSpec(
                    server: scope.server, place: scope.place, path: scope.path, grants: grants))
        }
        return AgentSpec(self, scopes: narrowed)
    }
}

extension GrantSpec {
    fileprivate func narrowed(by server: ServerSpec?, _ findings: inout Findings) -> GrantSpec {
        guard let only else { return self }
        var text = "false"
        switch selector {
        case .toolClass:
            findings.add(
                .unfitSelection, at: only.place, path: only.path,
                "only: a grant of a class cannot be narrowed; name the tool")
        case .tool(let name):
            // A tool that the server lacks has its own finding.
            if let tool = server?.tools.first(where: { $0.name.text == name }) {
                text = only.guardText(for: tool, &findings)
            }
        }
        let guarded = GuardText(when, and: text, at: only.place)
        if guarded.source.utf8.count > GuardText.maximumBytes {
            findings.add(
                .guardTooLarge, at: only.place, path: only.path,
                "only: the guard that it means has more than 1 KiB")
        }
        return GrantSpec(
            selector: selector, when: guarded, sandboxedOnly: sandboxedOnly, only: nil,
            place: place, path: path)
    }
}

extension GuardText {
    /// The written guard, if there is one, and a condition that is not written; problems are reported where the guard
    /// is written.
    fileprivate convenience init(
        _ written: GuardText?, and condition: String, at place: PolicyLocation
    ) {
        guard let written else {
            self.init(source: condition, style: .plain, place: place)
            return
        }
        let start = written.place
        self.init(
            source: "(\(written.source)) && \(condition)", style: written.style,
            layout: written.layout,
            place: PolicyLocation(
                file: start.file, line: start.line, column: max(start.column - 1, 1)))
    }
}
