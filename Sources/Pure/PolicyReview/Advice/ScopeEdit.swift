package import InterlockModel
package import InterlockPolicy

/// The rights that are taken from the scopes of one agent.
package struct ScopeNarrowing: Sendable {
    /// A lower bound of an argument, in the guard of a grant that names the tool.
    package struct Bound: Sendable, Hashable {
        package let tool: ToolAddress
        package let argument: String
        package let most: Int64

        package init(tool: ToolAddress, argument: String, most: Int64) {
            self.tool = tool
            self.argument = argument
            self.most = most
        }
    }

    package let removed: Set<ToolAddress>
    package let bounds: [Bound]
    /// All tools of the policy with their classes.
    let tools: [(address: ToolAddress, toolClass: ToolClass)]

    package init(removed: Set<ToolAddress>, bounds: [Bound], in policy: PolicySnapshot) {
        self.removed = removed
        self.bounds = bounds
        tools = policy.table.rows.map { ($0.address, $0.spec.toolClass) }
    }

    fileprivate func concerns(_ server: ServerName) -> Bool {
        removed.contains { $0.server == server } || bounds.contains { $0.tool.server == server }
    }
}

/// The edit of a policy file that takes tools from `mcp_scopes` and `approval_required` of an agent, or lowers bounds in
/// guards. Other lines keep their text.
///
/// The caller must read the result again and compare it with what was meant: an edit by lines cannot know every form
/// of YAML.
package struct ScopeEdit {
    private let lines: [[UInt8]]
    private let own: YAMLNode
    private let end: Int

    private static let newline = UInt8(ascii: "\n")

    /// New text for lines of the file, which are counted from 0.
    private struct Replacement {
        let lines: Range<Int>
        let text: [String]
    }

    /// - Parameter root: the tree of the file.
    /// - Returns: nil if the file does not have the agent.
    package init?(_ bytes: [UInt8], root: YAMLNode, agent: AgentName) {
        lines = bytes.split(separator: Self.newline, omittingEmptySubsequences: false)
            .map(Array.init)
        guard let (agents, afterAgents) = root.entry("agents", end: lines.count + 1),
            let (own, end) = agents.value.entry(agent.text, end: afterAgents),
            own.value.entry("mcp_scopes", end: end) != nil
        else { return nil }
        self.own = own.value
        self.end = end
    }

    /// Returns the file with less in it; nil if it has a form that is not edited by lines.
    package func applying(_ narrowing: ScopeNarrowing) -> [UInt8]? {
        guard let scopes = scopes(narrowing), let approvals = approvals(narrowing) else {
            return nil
        }
        var result = lines
        let replacements = (scopes + approvals).sorted { $1.lines.lowerBound < $0.lines.lowerBound }
        for one in replacements {
            result.replaceSubrange(one.lines, with: one.text.map { Array($0.utf8) })
        }
        return Array(result.joined(separator: [Self.newline]))
    }

    private func scopes(_ narrowing: ScopeNarrowing) -> [Replacement]? {
        guard let (scopes, after) = own.entry("mcp_scopes", end: end),
            case .mapping(let servers) = scopes.value.content, scopes.value.line > scopes.keyLine
        else { return nil }
        var replacements: [Replacement] = []
        var left = servers.count
        for (place, entry) in servers.enumerated() {
            guard let server = ServerName(entry.key) else { return nil }
            guard narrowing.concerns(server) else { continue }
            let last = place + 1 < servers.count ? servers[place + 1].keyLine : after
            guard lines.isAloneOnItsLine(entry), last > entry.keyLine,
                case .sequence(let nodes) = entry.value.content
            else { return nil }
            var items: [String] = []
            for node in nodes {
                guard let kept = kept(of: node, at: server, narrowing) else { return nil }
                for item in kept where !items.contains(where: { Self.isSame($0, item) }) {
                    items.append(item)
                }
            }
            if items.isEmpty { left -= 1 }
            replacements.append(
                Replacement(
                    lines: (entry.keyLine - 1)..<(lines.trimmed(last) - 1),
                    text: items.isEmpty
                        ? [] : rendered(items, of: entry.key, indent: entry.keyColumn - 1)))
        }
        guard left == 0 else { return replacements }
        guard lines.isAloneOnItsLine(scopes) else { return nil }
        let indent = String(repeating: " ", count: scopes.keyColumn - 1)
        return [
            Replacement(
                lines: (scopes.keyLine - 1)..<(lines.trimmed(after) - 1),
                text: [indent + "mcp_scopes: {}"])
        ]
    }

    /// The grants that are left of one; nil if it cannot be edited.
    private func kept(
        of node: YAMLNode, at server: ServerName, _ narrowing: ScopeNarrowing
    ) -> [String]? {
        guard case .mapping(let entries) = node.content else {
            guard let word = node.plain else { return nil }
            return names(word, at: server, narrowing)
        }
        let key = node.entry("tool", end: .max) == nil ? "class" : "tool"
        guard let selector = node.entry(key, end: .max)?.entry.value.plain else { return nil }
        var others: [String] = []
        for entry in entries where !Self.isSame(entry.key, key) {
            guard let value = value(of: entry, of: selector, at: server, narrowing) else {
                return nil
            }
            others.append("\(entry.key): \(value)")
        }
        let left = names(selector, at: server, narrowing)
        // A grant that keeps all that it covers keeps its selector.
        return left.map { name in
            let isClass = Self.isSame(name, selector) && Self.isSame(key, "class")
            let head = "\(isClass ? "class" : "tool"): \(name)"
            return "{\(([head] + others).joined(separator: ", "))}"
        }
    }

    /// The tools that are left of a class, or the class itself if none of them is taken; the tool, or nothing.
    private func names(
        _ selector: String, at server: ServerName, _ narrowing: ScopeNarrowing
    ) -> [String] {
        guard let toolClass = ToolClass(rawValue: selector) else {
            let isRemoved = narrowing.removed.contains {
                $0.server == server && Self.isSame($0.tool.text, selector)
            }
            return isRemoved ? [] : [selector]
        }
        let covered = narrowing.tools.filter {
            $0.address.server == server && $0.toolClass == toolClass
        }
        let left = covered.filter { !narrowing.removed.contains($0.address) }
        return left.count == covered.count ? [selector] : left.map(\.address.tool.text)
    }

    /// The value of a member of a grant on one line, with lower bounds if it is the guard.
    private func value(
        of entry: YAMLEntry, of selector: String, at server: ServerName,
        _ narrowing: ScopeNarrowing
    ) -> String? {
        guard case .scalar(let scalar) = entry.value.content else { return entry.value.flow }
        guard Self.isSame(entry.key, "when") else {
            let isWord = scalar.style == .plain && scalar.text.utf8.allSatisfy(Self.isSafe)
            return isWord ? scalar.text : scalar.text.quotedForYAML
        }
        guard !scalar.text.contains("\n") else { return nil }
        var text = scalar.text
        for bound in narrowing.bounds
        where bound.tool.server == server && Self.isSame(bound.tool.tool.text, selector) {
            guard
                let cap = GuardCap.caps(of: text).first(where: {
                    Self.isSame($0.argument, bound.argument)
                }), bound.most < cap.most
            else { return nil }
            text = cap.changing(text, to: bound.most)
        }
        return text.quotedForYAML
    }

    /// An entry of `approval_required` grants a tool that no scope grants.
    private func approvals(_ narrowing: ScopeNarrowing) -> [Replacement]? {
        guard let (entry, last) = own.entry("approval_required", end: end) else { return [] }
        guard case .sequence(let nodes) = entry.value.content else { return nil }
        let all = nodes.compactMap(\.plain)
        let left = all.filter { name in
            !narrowing.removed.contains {
                Self.isSame($0.description, name) || Self.isSame($0.tool.text, name)
            }
        }
        guard all.count == nodes.count else { return nil }
        guard left.count < all.count else { return [] }
        guard lines.isAloneOnItsLine(entry), last > entry.keyLine else { return nil }
        let indent = String(repeating: " ", count: entry.keyColumn - 1)
        return [
            Replacement(
                lines: (entry.keyLine - 1)..<(lines.trimmed(last) - 1),
                text: left.isEmpty
                    ? [] : ["\(indent)approval_required: [\(left.joined(separator: ", "))]"])
        ]
    }

    private func rendered(_ items: [String], of key: String, indent: Int) -> [String] {
        let head = String(repeating: " ", count: indent) + "\(key):"
        guard items.contains(where: { $0.utf8.first == UInt8(ascii: "{") }) else {
            return [head + " [\(items.joined(separator: ", "))]"]
        }
        let inner = String(repeating: " ", count: indent + 2)
        return [head] + items.map { "\(inner)- \($0)" }
    }

    private static func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    private static func isSafe(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
}
