import InterlockJSON
import InterlockModel
import InterlockPolicy

/// Compares two canonical policies value by value, except for guards and verdicts: obligations, limits,
/// hours, egress, stages, groups and defaults (docs/specs/policy.md, section 8.3).
struct DataComparison {
    private(set) var differences: [Difference] = []
    /// The agents whose runs must have a purpose under one of the policies. The tasks of such an agent are all that its
    /// runs can have, so that one task more may widen what they do, and the first one narrows it.
    private let purposeful: Set<String>

    static func differences(_ old: JSONObject, _ new: JSONObject) -> [Difference] {
        var comparison = DataComparison(
            purposeful: agentsWithPurpose(old).union(agentsWithPurpose(new)))
        comparison.compare(.object(comparable(old)), .object(comparable(new)), at: [])
        return comparison.differences
    }

    private mutating func compare(_ old: JSONValue?, _ new: JSONValue?, at path: [String]) {
        guard old != new else { return }
        let rule = DataRule.rule(for: path)
        if case .whole(let added, let removed)? = rule, old == nil || new == nil {
            let direction: Difference.Direction? =
                isTaskOfPurposeful(old ?? new, at: path)
                ? .notComparable : old == nil ? added : removed
            if let direction { report(direction, old, new, at: path) }
            return
        }
        switch rule {
        case .decided?: return
        case .whole?, nil:
            guard isObject(old), isObject(new) else {
                report(.notComparable, old, new, at: path)
                return
            }
            let keys = Set((old?.object?.members ?? []).map(\.key))
                .union((new?.object?.members ?? []).map(\.key))
            for key in keys.sorted() { compare(old?[key], new?[key], at: path + [key]) }
        case let rule?:
            for direction in rule.directions(old, new) { report(direction, old, new, at: path) }
        }
    }

    private func isTaskOfPurposeful(_ value: JSONValue?, at path: [String]) -> Bool {
        path.count == 2 && path[0] == "tasks"
            && (value?["agent"]?.string.map { purposeful.contains($0) } ?? true)
    }

    private static func agentsWithPurpose(_ policy: JSONObject) -> Set<String> {
        let agents = policy["agents"]?.object?.members ?? []
        return Set(
            agents.filter { agent in
                let tier = agent.value["tier"]?.string.flatMap { Tier(rawValue: $0) }
                return tier?.requiresPurpose ?? false
            }
            .map(\.key))
    }

    /// Returns true for an absent value too, so that an added or removed object is compared key by key.
    private func isObject(_ value: JSONValue?) -> Bool { value == nil || value?.object != nil }

    private mutating func report(
        _ direction: Difference.Direction, _ old: JSONValue?, _ new: JSONValue?, at path: [String]
    ) {
        let isAgent = path.first == "agents" && path.count > 1
        let rest = isAgent ? Array(path.dropFirst(2)) : path
        differences.append(
            Difference(
                direction: direction, agent: isAgent ? path[1] : nil,
                subject: rest.isEmpty ? "agent" : rest.joined(separator: "."), new: shown(new),
                old: shown(old)))
    }

    private func shown(_ value: JSONValue?) -> String {
        switch value {
        case nil: return "absent"
        case .string(let text)?: return text
        case .object(let object)?:
            if let count = object["n"]?.integer, let window = object["per"]?.integer {
                return Rate(count: count, windowSeconds: window).text
            }
            return object.members.isEmpty || object.count > 4 ? "present" : text(.object(object))
        case let value?: return text(value)
        }
    }

    private func text(_ value: JSONValue) -> String {
        String(decoding: value.serialized(), as: UTF8.self)
    }
}

/// The rule for untrusted content with the values that hold where it states none; nil if it states nothing, which is no
/// rule.
private func writtenOut(_ taint: JSONObject?) -> JSONValue? {
    guard var taint, !taint.isEmpty else { return nil }
    taint["mode"] = taint["mode"] ?? "provenance"
    taint["hostile"] = taint["hostile"] ?? "approve"
    return .object(taint)
}

/// The canonical tree with the tier's call limit and the rule for untrusted content written out for each agent, and with
/// spend limits as an object keyed by field and tool.
private func comparable(_ policy: JSONObject) -> JSONObject {
    var policy = policy
    var agents = policy["agents"]?.object ?? [:]
    for (name, value) in agents.members {
        guard var agent = value.object else { continue }
        var limits = agent["limits"]?.object ?? [:]
        if limits["calls"] == nil, let tier = agent["tier"]?.string {
            limits["calls"] = policy["tiers"]?[tier]?["calls"]
        }
        var spend = JSONObject()
        for entry in limits["spend"]?.array ?? [] {
            let key = "\(entry["field"]?.string ?? "") of \(entry["tool"]?.string ?? "")"
            spend[key] = entry["max"]
        }
        limits["spend"] = spend.isEmpty ? nil : .object(spend)
        agent["limits"] = .object(limits)
        agent["taint"] = writtenOut(agent["taint"]?.object)
        agents[name] = .object(agent)
    }
    policy["agents"] = .object(agents)
    return policy
}
