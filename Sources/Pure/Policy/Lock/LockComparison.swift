package import InterlockJSON
package import InterlockModel

/// The differences between a live server and its entry in the lock: everything that a person must read
/// before the new entry takes effect.
package struct LockComparison: Sendable {
    package enum State: String, Sendable { case same, new, changed, gone }

    package typealias Tool = Entry<ToolName>
    package typealias Prompt = Entry<String>

    /// A tool or prompt.
    package struct Entry<Name: Sendable>: Sendable {
        package let name: Name
        package let state: State
        /// Each differing value of the definition and of the decisions about it; for a new tool or prompt,
        /// each member.
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

    package init(of server: ServerName, from old: LockedServer?, to new: LockedServer?) {
        self.server = server
        changes =
            old == nil || new == nil
            ? []
            : JSONChange.list(
                from: old?.withoutCaches.entry ?? .null, to: new?.withoutCaches.entry ?? .null)
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
            "tools": json(tools, "tool", \.text), "prompts": json(prompts, "prompt", \.self),
        ]
    }

    private func json<Name>(
        _ entries: [Entry<Name>], _ kind: String, _ text: (Name) -> String
    ) -> JSONValue {
        .array(
            entries.filter { $0.state != .same }.map { entry in
                [
                    kind: .string(text(entry.name)), "state": .string(entry.state.rawValue),
                    "changes": .array(entry.changes.map(\.json)),
                ]
            })
    }
}

extension LockedServer {
    /// Caches that differ are not run, so people need not read of them.
    fileprivate var withoutCaches: LockedServer {
        var server = self
        server.code = server.code?.withoutCaches
        return server
    }
}

/// A tool or prompt as reviewed.
private protocol ReviewedDefinition {
    var pin: Digest { get }
    func changes(from old: Self) -> [JSONChange]
    /// Each member, for a definition that is new.
    var members: [JSONChange] { get }
}

extension LockComparison.Entry {
    fileprivate init<Definition: ReviewedDefinition>(
        name: Name, from old: Definition?, to new: Definition?
    ) {
        self.name = name
        switch (old, new) {
        case (let old?, let new?):
            changes = new.changes(from: old)
            state = changes.isEmpty && old.pin == new.pin ? .same : .changed
        case (_, nil):
            state = .gone
            changes = []
        case (nil, let new?):
            state = .new
            changes = new.members
        }
    }
}

extension LockedTool: ReviewedDefinition {
    fileprivate func changes(from old: LockedTool) -> [JSONChange] {
        let decisions = JSONChange.list(from: old.decided, to: decided)
        guard old.pin != pin else { return decisions }
        return decisions + JSONChange.list(from: .object(old.definition), to: .object(definition))
    }

    fileprivate var members: [JSONChange] {
        JSONChange.list(from: .object([:]), to: decided)
            + definition.members.compactMap {
                $0.key == "name" ? nil : JSONChange(path: $0.key, old: nil, new: $0.value)
            }
    }

    /// The decisions of a person about the tool, in addition to its definition.
    private var decided: JSONValue {
        var object = JSONObject()
        object["alias"] = alias.map { .string($0) }
        object["override"] = override?.json
        return .object(object)
    }
}

extension LockedPrompt: ReviewedDefinition {
    fileprivate func changes(from old: LockedPrompt) -> [JSONChange] {
        let changes = JSONChange.list(from: .object(old.definition), to: .object(definition))
        guard old.alias != alias else { return changes }
        func value(_ alias: String?) -> JSONValue? { alias.map { .string($0) } }
        return changes + [JSONChange(path: "alias", old: value(old.alias), new: value(alias))]
    }

    fileprivate var members: [JSONChange] {
        JSONChange.list(from: .object([:]), to: .object(definition)).filter { $0.path != "name" }
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
