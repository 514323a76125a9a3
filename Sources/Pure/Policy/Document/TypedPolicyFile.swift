import InterlockModel

/// One typed file of a policy, with everything that can be found out without the others, so that files can
/// be read in parallel.
struct TypedPolicyFile: Sendable {
    let path: String
    let role: PolicyFileRole
    /// The number of values, for the limit of the whole policy.
    let nodeCount: Int
    private(set) var findings = Findings()
    /// The keys of the policy, each with the path that it has in a whole policy.
    private(set) var members: [TypedValue.Member] = []
    private(set) var agents: [AgentSpec] = []
    /// False if the file is not YAML, or not a mapping, so that what it defines is unknown.
    private(set) var isTyped = false
    private let keepsTrees: Bool

    var start: PolicyLocation { PolicyLocation(file: path, line: 1, column: 1) }

    /// - Parameter keepsTrees: if false, only the canonical form of agents is kept, not the trees that they
    ///   are made from.
    init(_ file: ParsedPolicyFile, keepsTrees: Bool) {
        path = file.path
        role = file.role
        nodeCount = file.nodeCount
        self.keepsTrees = keepsTrees
        findings.add(contentsOf: file.findings)
        guard let root = file.root else { return }
        guard case .mapping(let entries) = root.content else {
            findings.add(.wrongShape, at: place(root), "a policy is a mapping")
            return
        }
        isTyped = true
        let isAgentFile = entries.contains { $0.key == "agent" }
        switch role {
        case .single where isAgentFile, .agents where isAgentFile: takeAgentFile(root, entries)
        case .single, .organisation:
            takePolicy(root)
            if !entries.contains(where: { $0.key == "interlock" }) {
                findings.add(
                    .missingKey, at: place(root), "`interlock` is missing",
                    help: "the file begins with `interlock: 1`")
            }
            if !entries.contains(where: { $0.key == "org" }) {
                findings.add(.missingKey, at: place(root), "`org` is missing")
            }
        case .servers, .agents, .elevations, .tests: takeSubfolderFile(root, entries)
        }
    }

    private func place(_ node: YAMLNode) -> PolicyLocation {
        PolicyLocation(file: path, line: node.line, column: node.column)
    }

    private mutating func takePolicy(_ root: YAMLNode) {
        var typing = Typing(file: path)
        let value = typing.record(root, PolicySchema.policy, "", "policy")
        add(value?.members ?? [])
        guard case .mapping(let entries) = root.content else { return }
        let groups = NestedGroups(entries)
        findings.add(contentsOf: typing.findings.unsorted.filter { !groups.covers($0) })
        findings.add(contentsOf: groups.findings(file: path))
    }

    private mutating func takeSubfolderFile(_ root: YAMLNode, _ entries: [YAMLEntry]) {
        let allowed = role.keys ?? []
        var kept: [YAMLEntry] = []
        for entry in entries {
            if allowed.contains(entry.key) || PolicySchema.policy.field(entry.key) == nil {
                kept.append(entry)
            } else {
                let place = PolicyLocation(file: path, line: entry.keyLine, column: entry.keyColumn)
                findings.add(
                    .outOfPlace, at: place, path: entry.key,
                    "`\(entry.key)` has no place in this folder",
                    help: "files here hold `\(allowed.joined())`; other keys stand in `org.yaml`")
            }
        }
        let rest = YAMLNode(.mapping(kept), line: root.line, column: root.column)
        takePolicy(rest)
    }

    /// Reads the file of one agent, whose keys get the paths that they have in a whole policy.
    private mutating func takeAgentFile(_ root: YAMLNode, _ entries: [YAMLEntry]) {
        var typing = Typing(file: path)
        defer { findings.add(contentsOf: typing.findings.unsorted) }
        guard let head = entries.first(where: { $0.key == "agent" }) else { return }
        let nameShape = Shape.scalar(.name(.agent))
        let name = typing.type(head.value, as: nameShape, path: "agent", label: "agent")
        let own = entries.filter { !PolicySchema.agentFileKeys.contains($0.key) }
        let around = entries.filter { ["interlock", "tests"].contains($0.key) }
        let surroundings = YAMLNode(.mapping(around), line: root.line, column: root.column)
        let outer = typing.record(surroundings, PolicySchema.policy, "", "policy")
        add(outer?.members ?? [])
        guard let text = name?.text else { return }
        let place = PolicyLocation(file: path, line: head.keyLine, column: head.keyColumn)
        let body = YAMLNode(.mapping(own), line: head.keyLine, column: head.keyColumn)
        guard let agent = typing.record(body, PolicySchema.agent, "agents.\(text)", text) else {
            return
        }
        let entry = TypedValue.Member(key: text, keyPlace: place, value: agent)
        let agents = TypedValue(kind: .record([entry]), place: place, path: "agents")
        add([.init(key: "agents", keyPlace: place, value: agents)])
    }

    private mutating func add(_ found: [TypedValue.Member]) {
        for member in found where member.key != "interlock" {
            members.append(member.key == "agents" ? taken(member) : member)
        }
    }

    /// Reads the agents as soon as their file is read, because there can be thousands of trees.
    private mutating func taken(_ all: TypedValue.Member) -> TypedValue.Member {
        let entries = all.value.members.map { entry in
            if let agent = AgentSpec(entry, &findings) { agents.append(agent) }
            guard !keepsTrees else { return entry }
            return TypedValue.Member(
                key: entry.key, keyPlace: entry.keyPlace,
                value: entry.value.written(as: .record(PolicySchema.agent)))
        }
        let value = TypedValue(kind: .record(entries), place: all.value.place, path: all.value.path)
        return .init(key: all.key, keyPlace: all.keyPlace, value: value)
    }
}
