import InterlockPolicy

/// The notation of values in `interlock.yaml`.
enum Notation {
    static func quoted(_ text: String) -> String { "\"\(text)\"" }
    static func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }
    static func map(_ items: [String]) -> String { "{" + items.joined(separator: ", ") + "}" }

    /// Parses digits without a sign or a leading zero.
    static func integer(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text == "0" || text.utf8.first != 0x30
        else { return nil }
        return Int(text)
    }

    /// Parses digits with at most one point: no exponent, no `nan`.
    static func number(_ text: String) -> Double? {
        guard text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else { return nil }
        return Double(text)
    }
}

extension YAMLNode {
    /// Is nil for a list or a map.
    var scalarText: String? { if case .scalar(let scalar) = content { scalar.text } else { nil } }

    func elements(_ expected: String, most: Int = .max) throws(Setting.ValueError) -> [YAMLNode] {
        guard case .sequence(let nodes) = content, nodes.count <= most else {
            throw Setting.ValueError(expected: expected)
        }
        return nodes
    }

    func entries(_ expected: String, most: Int = .max) throws(Setting.ValueError) -> [YAMLEntry] {
        guard case .mapping(let entries) = content, entries.count <= most else {
            throw Setting.ValueError(expected: expected)
        }
        return entries
    }
}

/// The members of a map with fixed keys, each optional and at most once.
struct Fields {
    /// The values that have these members, for messages.
    let owners: String
    private let nodes: [String: YAMLNode]

    init(
        _ node: YAMLNode, of owners: String, _ known: [String], expected: String
    ) throws(Setting.ValueError) {
        self.owners = owners
        var nodes: [String: YAMLNode] = [:]
        for entry in try node.entries(expected) {
            guard known.contains(entry.key), nodes[entry.key] == nil else {
                throw Setting.ValueError(
                    expected:
                        "\(owners) with the keys \(known.joined(separator: ", ")), each once; found `\(entry.key)`"
                )
            }
            nodes[entry.key] = entry.value
        }
        self.nodes = nodes
    }

    subscript(name: String) -> YAMLNode? { nodes[name] }
    var isEmpty: Bool { nodes.isEmpty }

    func error(_ rest: String, of owners: String? = nil) -> Setting.ValueError {
        Setting.ValueError(expected: "\(owners ?? self.owners) \(rest)")
    }

    func text(_ name: String, of owners: String? = nil) throws(Setting.ValueError) -> String? {
        guard let node = nodes[name] else { return nil }
        return try text(name, in: node, of: owners)
    }

    /// - Parameters:
    ///   - name: the member that has the text, for the message.
    ///   - owners: the values that have the member, for the message, if they are called otherwise there.
    func text(
        _ name: String, in node: YAMLNode, of owners: String? = nil
    ) throws(Setting.ValueError) -> String {
        guard let text = node.scalarText, (1...1024).contains(text.utf8.count),
            text.utf8.allSatisfy({
                $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            })
        else {
            throw error("whose `\(name)` is printable ASCII without spaces and quotes", of: owners)
        }
        return text
    }

    /// Accepts https, or http on loopback, which does not leave the machine.
    func url(_ name: String, of owners: String? = nil) throws(Setting.ValueError) -> String {
        guard let url = try text(name, of: owners) else {
            throw error("with `\(name)`", of: owners)
        }
        let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"].contains { start in
            url.hasPrefix(start) && [nil, "/", ":"].contains(url.dropFirst(start.utf8.count).first)
        }
        guard url.hasPrefix("https://") || local, !url.contains("@"), !url.contains("#") else {
            throw error(
                "whose `\(name)` begins with https://, or with http:// on loopback, without user and fragment",
                of: owners)
        }
        return url
    }
}
