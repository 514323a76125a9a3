import InterlockModel

extension Shorthand {
    /// Expands a short form; other nodes are returned unchanged. New nodes have the position of the short
    /// form.
    ///
    /// - Throws: if the scalar is not a short form of this kind.
    func expand(_ node: YAMLNode) throws(ScalarError) -> YAMLNode {
        guard case .scalar(let scalar) = node.content else { return node }
        let text = scalar.text
        func word(_ text: String) -> YAMLNode {
            let scalar = YAMLScalar(text: text, style: .plain, isOneLine: true)
            return YAMLNode(.scalar(scalar), line: node.line, column: node.column)
        }
        func list(_ items: [YAMLNode]) -> YAMLNode {
            YAMLNode(.sequence(items), line: node.line, column: node.column)
        }
        func map(_ entries: KeyValuePairs<String, YAMLNode>) -> YAMLNode {
            let entries = entries.map {
                YAMLEntry(key: $0.key, keyLine: node.line, keyColumn: node.column, value: $0.value)
            }
            return YAMLNode(.mapping(entries), line: node.line, column: node.column)
        }
        switch self {
        case .egress: return node
        case .scope: return scalar.isAbsent ? list([word("read")]) : node
        case .stage: return scalar.isAbsent ? node : map(["is": word(text)])
        case .grant:
            if scalar.isAbsent { return node }
            return map([ToolClass(rawValue: text) == nil ? "tool" : "class": word(text)])
        case .sandbox:
            return try sandbox(text) { profile, closed in
                closed
                    ? map(["profile": word(profile), "egress": list([])])
                    : map(["profile": word(profile)])
            }
        case .killSwitch:
            let interval = try killSwitch(text)
            return map(["scope": word("org-wide"), "drill_every": word(interval)])
        case .rotation: return scalar.isAbsent ? node : map(["on": word(text)])
        case .unit: return scalar.isAbsent ? node : map(["is": word(text)])
        case .days:
            guard let range = weekRange(text) else {
                throw ScalarError(.wrongType, "`\(text)` is not days like `mon-fri`")
            }
            return list(range.map(word))
        }
    }

    /// Parses `isolated`, optionally followed by `, network egress = allowlist only` or `= none`. Both mean
    /// that nothing is reachable: a list needs the long form.
    private func sandbox(
        _ text: String, _ make: (_ profile: String, _ closed: Bool) -> YAMLNode
    ) throws(ScalarError) -> YAMLNode {
        let parts = text.split(separator: ",", maxSplits: 1).map { trimmed($0) }
        if let profile = parts.first, isLowerName(profile) {
            if parts.count == 1 { return make(profile, false) }
            let words = parts[1].split(separator: " ").joined(separator: " ")
            if ["network egress = allowlist only", "network egress = none"].contains(words) {
                return make(profile, true)
            }
        }
        throw ScalarError(
            .wrongType, "`\(text)` is no sandbox",
            help: "write `isolated, network egress = none` or `{profile: isolated, egress: []}`")
    }

    private func killSwitch(_ text: String) throws(ScalarError) -> String {
        let words = text.split(separator: " ").map(String.init)
        if words.count >= 3, words[0] == "org-wide,", words[1] == "tested" {
            let named = ["weekly": "7d", "monthly": "31d", "quarterly": "92d"]
            if words.count == 3, let interval = named[words[2]] { return interval }
            if words.count == 4, words[2] == "every", readDuration(words[3]) != nil {
                return words[3]
            }
        }
        throw ScalarError(
            .wrongType, "`\(text)` is no kill switch",
            help: "write `org-wide, tested monthly` or `org-wide, tested every 30d`")
    }
}

package let weekDays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

/// Parses `mon-fri`, or one day.
private func weekRange(_ text: String) -> [String]? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard let first = weekDays.firstIndex(of: ends[0]) else { return nil }
    if ends.count == 1 { return [ends[0]] }
    guard ends.count == 2, let last = weekDays.firstIndex(of: ends[1]), first < last else {
        return nil
    }
    return Array(weekDays[first...last])
}

private func trimmed(_ text: Substring) -> String {
    var rest = text.drop { $0 == " " }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
}
