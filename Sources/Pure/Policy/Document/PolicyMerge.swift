import InterlockModel

/// Merges the files of a policy by name. A name that two files state is E401, so the order of files never
/// matters.
struct PolicyMerge {
    private(set) var findings: Findings
    /// The location at which the policy begins, used for whatever is missing in the whole.
    private(set) var start = PolicyLocation(file: "policy", line: 1, column: 1)
    /// The agents, in the order of files.
    private(set) var agents: [AgentSpec] = []
    private var parts: [String: [TypedValue.Member]] = [:]
    private var hasRoot = false
    private var nodeCount = 0

    /// - Parameter early: the findings from before any file was read.
    init(_ early: [Finding]) {
        findings = Findings()
        findings.add(contentsOf: early)
    }

    mutating func take(_ file: TypedPolicyFile) {
        if file.role == .single || file.role == .organisation || !hasRoot { start = file.start }
        if file.role == .organisation { hasRoot = true }
        findings.add(contentsOf: file.findings.unsorted)
        agents += file.agents
        nodeCount += file.nodeCount
        for member in file.members { parts[member.key, default: []].append(member) }
    }

    mutating func finish() -> TypedValue {
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
        if nodeCount > YAMLLimits.policyNodes {
            findings.add(
                .tooLarge, at: start, "the policy has more than \(YAMLLimits.policyNodes) values")
        }
        return TypedValue(kind: .record(members), place: start, path: "")
    }

    private mutating func merged(
        _ field: Field, _ found: [TypedValue.Member], _ first: TypedValue.Member
    ) -> TypedValue.Member {
        let kind: TypedValue.Kind
        switch field.shape {
        case .map: kind = .record(found.flatMap { $0.value.members })
        case .list: kind = .list(found.flatMap { $0.value.items })
        case .scalar, .record, .shorthand, .json:
            for other in found.dropFirst() {
                findings.add(
                    .duplicateName, at: other.keyPlace, path: field.key,
                    "`\(field.key)` is already defined in \(first.keyPlace.file)")
            }
            return first
        }
        let value = TypedValue(kind: kind, place: first.value.place, path: first.value.path)
        return .init(key: field.key, keyPlace: first.keyPlace, value: value)
    }

    private mutating func checkCounts(_ members: [TypedValue.Member]) {
        for member in members {
            var seen: [String: PolicyLocation] = [:]
            switch member.key {
            case "agents", "servers", "approvals", "tasks":
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
            case "tasks": most = YAMLLimits.tasks
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
        _ name: String, _ place: PolicyLocation, _ path: String,
        _ seen: inout [String: PolicyLocation]
    ) {
        if let first = seen[name] {
            findings.add(
                .duplicateName, at: place, path: path,
                "duplicate name `\(name)`, first defined at \(first)")
        } else {
            seen[name] = place
        }
    }
}
