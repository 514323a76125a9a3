import InterlockJSON
import InterlockModel

/// Groups of approvers whose members are groups, which the format does not have: reported as what they are instead of
/// as a malformed address, and as circular where they are.
struct NestedGroups {
    /// The members that are names of groups, by group, in the order of the file.
    private var nested: [(group: String, members: [YAMLNode])] = []
    private var names: Set<ExactText> = []

    /// - Parameter entries: the top level of a file.
    init(_ entries: [YAMLEntry]) {
        guard let approvals = entries.first(where: { $0.key == "approvals" }),
            case .mapping(let groups) = approvals.value.content
        else { return }
        names = Set(groups.map { ExactText($0.key) })
        for group in groups {
            guard case .mapping(let keys) = group.value.content,
                let members = keys.first(where: { $0.key == "members" }),
                case .sequence(let items) = members.value.content
            else { continue }
            let groups = items.filter {
                $0.plainText.map { names.contains(ExactText($0)) } ?? false
            }
            if !groups.isEmpty { nested.append((group.key, groups)) }
        }
    }

    /// One finding for each circle, at its first member, and one for each other member that is a group.
    func findings(file: String) -> [Finding] {
        var circles: Set<ExactText> = []
        return nested.flatMap { group, members in
            members.compactMap { member -> Finding? in
                let name = member.plainText ?? ""
                let place = PolicyLocation(file: file, line: member.line, column: member.column)
                let path = "approvals.\(group).members"
                let help = "list the people: a group has no groups as members"
                guard let circle = circle(from: group, through: name) else {
                    return Finding(
                        .wrongType, at: place, path: path,
                        "\(group): `\(name)` is a group, not a person", help: help)
                }
                let parts = circle.sorted().map { "`\($0)`" }
                guard circles.insert(ExactText(parts.joined(separator: " "))).inserted else {
                    return nil
                }
                let message =
                    parts.count == 1
                    ? "\(group): the group is circular, because it is a member of itself"
                    : "\(group): the groups \(parts.joined(separator: ", ")) are circular, because each "
                        + "is a member of the next"
                return Finding(.wrongType, at: place, path: path, message, help: help)
            }
        }
    }

    /// The places that `findings` covers, so that they are not reported twice.
    func covers(_ finding: Finding) -> Bool {
        finding.code == .wrongType
            && nested.contains { group, members in
                finding.path.hasPrefix("approvals.\(group).members[")
                    && members.contains {
                        $0.line == finding.place.line && $0.column == finding.place.column
                    }
            }
    }

    /// The groups of the circle that leads from a group through one of its members back to it, or nil if there is none.
    private func circle(from group: String, through member: String) -> [String]? {
        var paths = [[group, member]]
        var seen: Set<ExactText> = []
        while let path = paths.popLast() {
            guard let last = path.last else { continue }
            if last == group { return Array(path.dropLast()) }
            guard seen.insert(ExactText(last)).inserted else { continue }
            for next in nested.filter({ $0.group == last }).flatMap(\.members) {
                if let name = next.plainText { paths.append(path + [name]) }
            }
        }
        return nil
    }
}

extension YAMLNode {
    fileprivate var plainText: String? {
        if case .scalar(let scalar) = content { scalar.text } else { nil }
    }
}
