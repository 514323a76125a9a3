package import InterlockModel
package import InterlockPolicy

/// The edit of a policy file that writes the narrowed lists into an agent's `sandbox`. Everything else keeps its text.
///
/// The caller must read the result again and compare it with what was meant: an edit by lines cannot know every form
/// of YAML.
package struct SandboxEdit {
    private let lines: [[UInt8]]
    private let agent: AgentName
    private let sandbox: YAMLEntry
    /// The number of the line after the value of `sandbox`, from 1.
    private let end: Int

    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")

    /// - Parameter root: the tree of the file.
    /// - Returns: nil if the file has no `sandbox` of the agent, or one in a form that is not edited by lines.
    package init?(_ bytes: [UInt8], root: YAMLNode, agent: AgentName) {
        lines = bytes.split(separator: Self.newline, omittingEmptySubsequences: false)
            .map(Array.init)
        self.agent = agent
        guard let (agents, afterAgents) = root.entry("agents", end: lines.count + 1),
            let (own, afterOwn) = agents.value.entry(agent.text, end: afterAgents),
            let (sandbox, end) = own.value.entry("sandbox", end: afterOwn), end > sandbox.keyLine
        else { return nil }
        self.sandbox = sandbox
        self.end = end
        guard lines.isAloneOnItsLine(sandbox) else { return nil }
    }

    /// Returns the file with the lists of the advice.
    package func applying(_ advice: SandboxAdvice) -> [UInt8]? {
        guard case .mapping(let entries) = sandbox.value.content else { return nil }
        let parts = Set(advice.changes.map(\.part))
        let isBlock = sandbox.value.line > sandbox.keyLine
        let indent = isBlock ? (entries.first?.keyColumn ?? 1) - 1 : sandbox.keyColumn + 1
        var written: [[UInt8]] = []
        if !isBlock {
            written.append(
                Array(lines[sandbox.keyLine - 1].prefix(sandbox.keyColumn - 1))
                    + Array("sandbox:".utf8))
        }
        for (place, entry) in entries.enumerated() {
            let last = place + 1 < entries.count ? entries[place + 1].keyLine : end
            let part = SandboxAdvice.Part(rawValue: entry.key)
            if let part, parts.contains(part) {
                guard let list = list(entry, part, advice) else { return nil }
                written += rendered(list, of: entry.key, indent: indent)
                // Comments after the list stay.
                if isBlock { written += lines[(lines.trimmed(last) - 1)..<(last - 1)] }
            } else if isBlock {
                guard lines.isAloneOnItsLine(entry), last > entry.keyLine else { return nil }
                written += lines[(entry.keyLine - 1)..<(last - 1)]
            } else {
                guard let text = entry.value.flow else { return nil }
                written.append(Self.indented(indent, "\(entry.key): \(text)"))
            }
        }
        let first = isBlock ? (entries.first?.keyLine ?? sandbox.keyLine + 1) : sandbox.keyLine
        let after = isBlock ? end : lines.trimmed(end)
        let result = lines[..<(first - 1)] + written + lines[(after - 1)...]
        return Array(result.joined(separator: [Self.newline]))
    }

    /// An item of a list: its lines of the file, or new text.
    private enum Item {
        case kept([[UInt8]])
        case new(String)
    }

    private func list(
        _ entry: YAMLEntry, _ part: SandboxAdvice.Part, _ advice: SandboxAdvice
    ) -> [Item]? {
        guard case .sequence(let nodes) = entry.value.content else { return nil }
        switch part {
        case .secrets:
            return nodes.compactMap { node in
                guard let name = node.entry("name", end: .max)?.entry.value.plain,
                    advice.secrets.contains(where: { $0.name.utf8.elementsEqual(name.utf8) })
                else { return nil }
                return item(node)
            }
        case .egress:
            // A rule that is as it was keeps its text; the others are written anew.
            let addresses = nodes.map(\.addresses)
            var items: [Item] = []
            for rule in advice.egress {
                if let place = addresses.firstIndex(where: { $0 == rule.addresses }) {
                    items.append(item(nodes[place]))
                } else {
                    items.append(.new(rule.flow))
                }
            }
            return items
        }
    }

    private func item(_ node: YAMLNode) -> Item {
        let line = lines[node.line - 1]
        // One item of a block on one line, with its comment.
        if line.drop(while: { $0 == Self.space }).first == UInt8(ascii: "-"),
            node.lastLine == node.line
        {
            return .kept([Array(line.drop { $0 == Self.space })])
        }
        return .new(node.flow ?? "")
    }

    private func rendered(_ items: [Item], of key: String, indent: Int) -> [[UInt8]] {
        guard !items.isEmpty else { return [Self.indented(indent, "\(key): []")] }
        return [Self.indented(indent, "\(key):")]
            + items.flatMap { item -> [[UInt8]] in
                switch item {
                case .kept(let lines):
                    lines.map { Array(repeating: Self.space, count: indent + 2) + $0 }
                case .new(let text): [Self.indented(indent + 2, "- " + text)]
                }
            }
    }

    private static func indented(_ count: Int, _ text: String) -> [UInt8] {
        Array(repeating: space, count: count) + Array(text.utf8)
    }
}

extension YAMLNode {
    /// The addresses of an item of `egress`, as a rule of the policy has them.
    fileprivate var addresses: [String] {
        if let plain { return [plain] }
        guard let host = entry("host", end: .max)?.entry.value.plain else { return [] }
        guard let ports = entry("ports", end: .max)?.entry.value else { return ["\(host):443"] }
        guard case .sequence(let items) = ports.content else { return [] }
        let numbers = items.compactMap { $0.plain.flatMap { Int($0) } }
        return Set(numbers).sorted().map { "\(host):\($0)" }
    }
}

extension EgressSpec {
    /// The rule as an item of `egress`.
    fileprivate var flow: String {
        if self == EgressSpec(host: host, ports: ports), ports.count == 1 {
            return addresses[0].plainForYAML
        }
        var parts = ["host: \(host.plainForYAML)"]
        if ports != [443] {
            parts.append("ports: [\(ports.map(String.init).joined(separator: ", "))]")
        }
        if content != .tls { parts.append("protocol: \(content.rawValue)") }
        if admitsPrivate { parts.append("private: true") }
        if admitsEncryptedHello { parts.append("ech: allow") }
        if maxBytesUp != EgressSpec(host: host).maxBytesUp {
            parts.append("max_bytes_up: \(byteText(maxBytesUp))")
        }
        return "{\(parts.joined(separator: ", "))}"
    }
}
