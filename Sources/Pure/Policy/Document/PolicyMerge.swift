import InterlockModel

/// Puts the files of a policy together by name. A name that two files state is E401, so the order of
/// files never matters.
struct PolicyMerge {
    var findings = Findings()
    /// Where the policy begins, for what is missing in the whole.
    private(set) var start = SourcePlace(file: "policy", line: 1, column: 1)
    let keepsTrees: Bool
    /// In the order of files.
    private(set) var agents: [AgentSpec] = []
    private var parts: [String: [TypedValue.Member]] = [:]
    private var hasRoot = false

    /// - Parameter keepsTrees: whether what agents are made from is kept, or its digested form alone.
    init(keepsTrees: Bool) { self.keepsTrees = keepsTrees }

    mutating func take(_ file: ParsedPolicyFile) {
        if file.role == .single || file.role == .organisation || !hasRoot {
            start = SourcePlace(file: file.path, line: 1, column: 1)
        }
        if file.role == .organisation { hasRoot = true }
        guard let root = file.root else { return }
        guard case .mapping(let entries) = root.content else {
            let place = SourcePlace(file: file.path, line: root.line, column: root.column)
            findings.add(.wrongShape, at: place, "a policy is a mapping")
            return
        }
        let isAgentFile = entries.contains { $0.key == "agent" }
        switch file.role {
        case .single where isAgentFile, .agents where isAgentFile:
            takeAgentFile(file, root, entries)
        case .single, .organisation:
            takePolicy(file, root)
            if !entries.contains(where: { $0.key == "interlock" }) {
                let place = SourcePlace(file: file.path, line: root.line, column: root.column)
                findings.add(
                    .missingKey, at: place, "`interlock` is missing",
                    help: "the file begins with `interlock: 1`")
            }
            if !entries.contains(where: { $0.key == "org" }) {
                let place = SourcePlace(file: file.path, line: root.line, column: root.column)
                findings.add(.missingKey, at: place, "`org` is missing")
            }
        case .servers, .agents, .elevations, .tests:
            takeSubfolderFile(file, root, entries)
        }
    }

    /// The merged policy; nil after an error that leaves nothing to look at.
    mutating func finish() -> TypedValue? {
        var members: [TypedValue.Member] = []
        for field in PolicySchema.policy.fields {
            guard let found = parts[field.key], let first = found.first else { continue }
            guard found.count > 1 else {
                members.append(first)
                continue
            }
            members.append(merged(field, found, first))
        }
        checkCounts(members)
        return TypedValue(kind: .record(members), place: start, path: "")
    }

    private mutating func merged(
        _ field: Field, _ found: [TypedValue.Member], _ first: TypedValue.Member
    ) -> TypedValue.Member {
        let kind: TypedValue.Kind
        switch field.shape {
        case .map:
            kind = .record(found.flatMap { $0.value.members })
        case .list:
            kind = .list(found.flatMap { $0.value.items })
        case .scalar, .record, .shorthand, .json:
            for other in found.dropFirst() {
                findings.add(
                    .duplicateName, at: other.keyPlace, path: field.key,
                    "`\(field.key)` stands in \(first.keyPlace.file) already")
            }
            return first
        }
        let value = TypedValue(kind: kind, place: first.value.place, path: first.value.path)
        return .init(key: field.key, keyPlace: first.keyPlace, value: value)
    }

    private mutating func checkCounts(_ members: [TypedValue.Member]) {
        for member in members {
            var seen: [String: SourcePlace] = [:]
            switch member.key {
            case "agents", "servers", "approvals":
                for entry in member.value.members {
                    duplicate(entry.key, entry.keyPlace, entry.value.path, &seen)
                }
            case "forbid", "effects", "elevations":
                for item in member.value.items {
                    guard let id = item["id"], let text = id.text else { continue }
                    duplicate(text, id.place, item.path, &seen)
                }
            default: break
            }
            let most: Int
            switch member.key {
            case "agents": most = YAMLLimits.agents
            case "servers": most = YAMLLimits.servers
            default: continue
            }
            if member.value.members.count > most {
                findings.add(
                    .tooLarge, at: member.keyPlace, path: member.key,
                    "\(member.key): more than \(most)")
            }
        }
    }

    private mutating func duplicate(
        _ name: String, _ place: SourcePlace, _ path: String, _ seen: inout [String: SourcePlace]
    ) {
        if let first = seen[name] {
            findings.add(
                .duplicateName, at: place, path: path, "`\(name)` stands at \(first) already")
        } else {
            seen[name] = place
        }
    }

    private mutating func takePolicy(_ file: ParsedPolicyFile, _ root: YAMLNode) {
        var typing = Typing(file: file.path)
        let value = typing.record(root, PolicySchema.policy, "", "policy")
        add(value?.members ?? [])
        findings.add(contentsOf: typing.findings.all)
    }

    private mutating func takeSubfolderFile(
        _ file: ParsedPolicyFile, _ root: YAMLNode, _ entries: [YAMLEntry]
    ) {
        let allowed = file.role.keys ?? []
        var kept: [YAMLEntry] = []
        for entry in entries {
            if allowed.contains(entry.key) || PolicySchema.policy.field(entry.key) == nil {
                kept.append(entry)
            } else {
                let place = SourcePlace(
                    file: file.path, line: entry.keyLine, column: entry.keyColumn)
                findings.add(
                    .outOfPlace, at: place, path: entry.key,
                    "`\(entry.key)` has no place in this folder",
                    help: "files here hold `\(allowed.joined())`; other keys stand in `org.yaml`")
            }
        }
        let rest = YAMLNode(.mapping(kept), line: root.line, column: root.column)
        takePolicy(file, rest)
    }

    /// One agent: its keys are moved to where they would stand in a whole policy.
    private mutating func takeAgentFile(
        _ file: ParsedPolicyFile, _ root: YAMLNode, _ entries: [YAMLEntry]
    ) {
        var typing = Typing(file: file.path)
        defer { findings.add(contentsOf: typing.findings.all) }
        guard let head = entries.first(where: { $0.key == "agent" }) else { return }
        let nameShape = Shape.scalar(.name(.agent))
        let name = typing.type(head.value, as: nameShape, path: "agent", label: "agent")
        let own = entries.filter { !PolicySchema.agentFileKeys.contains($0.key) }
        let around = entries.filter { ["interlock", "tests"].contains($0.key) }
        let surroundings = YAMLNode(.mapping(around), line: root.line, column: root.column)
        let outer = typing.record(surroundings, PolicySchema.policy, "", "policy")
        add(outer?.members ?? [])
        guard let text = name?.text else { return }
        let place = SourcePlace(file: file.path, line: head.keyLine, column: head.keyColumn)
        let body = YAMLNode(.mapping(own), line: head.keyLine, column: head.keyColumn)
        guard let agent = typing.record(body, PolicySchema.agent, "agents.\(text)", text) else {
            return
        }
        let entry = TypedValue.Member(key: text, keyPlace: place, value: agent)
        let agents = TypedValue(kind: .record([entry]), place: place, path: "agents")
        add([.init(key: "agents", keyPlace: place, value: agents)])
    }

    private mutating func add(_ members: [TypedValue.Member]) {
        for member in members where member.key != "interlock" {
            let kept = member.key == "agents" ? taken(member) : member
            parts[member.key, default: []].append(kept)
        }
    }

    /// Agents are read as soon as their file is, because there can be thousands of trees.
    private mutating func taken(_ all: TypedValue.Member) -> TypedValue.Member {
        let entries = all.value.members.map { entry in
            if let agent = AgentSpec(entry, &findings) { agents.append(agent) }
            guard !keepsTrees else { return entry }
            return TypedValue.Member(
                key: entry.key, keyPlace: entry.keyPlace,
                value: entry.value.written(as: .record(PolicySchema.agent)))
        }
        let value = TypedValue(
            kind: .record(entries), place: all.value.place, path: all.value.path)
        return .init(key: all.key, keyPlace: all.keyPlace, value: value)
    }
}
