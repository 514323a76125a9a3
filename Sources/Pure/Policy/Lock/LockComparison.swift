package import InterlockJSON
package import InterlockModel

/// The differences between a live server and its entry in the lock: everything that a person must read
/// before the new entry takes effect.
package struct LockComparison: Sendable {
    package enum State: String, Sendable { case same, new, changed, gone }

    package struct Tool: Sendable {
        package let name: ToolName
        package let state: State
        /// Each differing value of the definition and of the decisions about it; for a new tool, each
        /// member.
        package let changes: [JSONChange]
    }

    package let server: ServerName
    package let state: State
    /// Differences outside the tools and prompts: the origin, versions, capabilities, instructions.
    package let changes: [JSONChange]
    /// Sorted by name.
    package let tools: [Tool]
    /// Sorted by name.
    package let prompts: [Prompt]

    package struct Prompt: Sendable {
        package let name: String
        package let state: State
        package let changes: [JSONChange]
    }

    package init(of server: ServerName, from old: LockedServer?, to new: LockedServer?) {
        self.server = server
        changes =
            old == nil || new == nil
            ? [] : JSONChange.list(from: old?.entry ?? .null, to: new?.entry ?? .null)
        let names = Set((old?.tools ?? [:]).keys).union((new?.tools ?? [:]).keys)
        tools = names.sorted().map { name in
            Tool(name: name, from: old?.tools[name], to: new?.tools[name])
        }
        prompts = Set((old?.prompts ?? [:]).keys).union((new?.prompts ?? [:]).keys).sorted().map {
            Prompt(name: $0, from: old?.prompts[$0], to: new?.prompts[$0])
        }
        switch (old, new) {
        case (nil, _): state = .new
        case (_, nil): state = .gone
        case (_?, _?):
            let isSame =
                changes.isEmpty && tools.allSatisfy { $0.state == .same }
                && prompts.allSatisfy { $0.state == .same }
            state = isSame ? .same : .changed
        }
    }
}

extension LockComparison {
    /// The comparison for machines and for records, without unchanged tools and prompts.
    package var json: JSONValue {
        [
            "server": .string(server.text), "state": .string(state.rawValue),
            "changes": .array(changes.map(\.json)),
            "tools": .array(
                tools.filter { $0.state != .same }.map { tool in
                    [
                        "tool": .string(tool.name.text), "state": .string(tool.state.rawValue),
                        "changes": .array(tool.changes.map(\.json)),
                    ]
                }),
            "prompts": .array(
                prompts.filter { $0.state != .same }.map { prompt in
                    [
                        "prompt": .string(prompt.name), "state": .string(prompt.state.rawValue),
                        "changes": .array(prompt.changes.map(\.json)),
                    ]
                }),
        ]
    }
}

extension LockComparison.Tool {
    fileprivate init(name: ToolName, from old: LockedTool?, to new: LockedTool?) {
        self.name = name
        switch (old, new) {
        case (let old?, let new?):
            changes =
                JSONChange.list(from: old.decided, to: new.decided)
                + (old.pin == new.pin
                    ? []
                    : JSONChange.list(from: .object(old.definition), to: .object(new.definition)))
            state = changes.isEmpty && old.pin == new.pin ? .same : .changed
        case (_, nil):
            state = .gone
            changes = []
        case (nil, let new?):
            state = .new
            changes =
                JSONChange.list(from: .object([:]), to: new.decided)
                + new.definition.members.compactMap {
                    $0.key == "name" ? nil : JSONChange(path: $0.key, old: nil, new: $0.value)
                }
        }
    }
}

extension LockComparison.Prompt {
    fileprivate init(name: String, from old: LockedPrompt?, to new: LockedPrompt?) {
        self.name = name
        switch (old, new) {
        case (let old?, let new?):
            changes =
                JSONChange.list(from: .object(old.definition), to: .object(new.definition))
                + (old.alias == new.alias
                    ? []
                    : [
                        JSONChange(
                            path: "alias", old: old.alias.map { .string($0) },
                            new: new.alias.map { .string($0) })
                    ])
            state = changes.isEmpty && old.pin == new.pin ? .same : .changed
        case (_, nil):
            state = .gone
            changes = []
        case (nil, let new?):
            state = .new
            changes = JSONChange.list(from: .object([:]), to: .object(new.definition))
                .filter { $0.path != "name" }
        }
    }
}

extension LockedTool {
    /// The decisions of a person about the tool, in addition to its definition.
    fileprivate var decided: JSONValue {
        var object = JSONObject()
        object["alias"] = alias.map { .string($0) }
        object["override"] = override?.json
        return .object(object)
    }
}

/// One value that differs between two documents.
package struct JSONChange: Sendable, Hashable {
    /// Keys joined by dots, and indices in brackets. The path is for people, not for machines to parse.
    package let path: String
    /// The old value, or nil if it was absent.
    package let old: JSONValue?
    /// The new value, or nil if it was removed.
    package let new: JSONValue?

    package var json: JSONValue {
        ["path": .string(path), "old": old ?? .null, "new": new ?? .null]
    }

    /// The smallest parts that differ, in the order of the old document, followed by added ones. Lists of
    /// different length are one difference. Numbers differ if their RFC 8785 forms do.
    package static func list(from old: JSONValue, to new: JSONValue) -> [JSONChange] {
        var changes: [JSONChange] = []
        collect(from: old, to: new, at: "", &changes)
        return changes
    }

    /// The recursion is bounded by the depth of the documents, which their parsers limit.
    private static func collect(
        from old: JSONValue, to new: JSONValue, at path: String, _ changes: inout [JSONChange]
    ) {
        switch (old, new) {
        case (.object(let old), .object(let new)):
            let prefix = path.isEmpty ? "" : path + "."
            for (key, value) in old.members {
                if let other = new[key] {
                    collect(from: value, to: other, at: prefix + key, &changes)
                } else {
                    changes.append(JSONChange(path: prefix + key, old: value, new: nil))
                }
            }
            for (key, value) in new.members where old[key] == nil {
                changes.append(JSONChange(path: prefix + key, old: nil, new: value))
            }
        case (.array(let old), .array(let new)) where old.count == new.count:
            for (place, pair) in zip(old, new).enumerated() {
                collect(from: pair.0, to: pair.1, at: "\(path)[\(place)]", &changes)
            }
        default:
            if old == new { return }
            if let a = try? old.canonical(), let b = try? new.canonical(), a == b { return }
            changes.append(JSONChange(path: path, old: old, new: new))
        }
    }
}
