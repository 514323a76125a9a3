import InterlockEvidencePack
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The people who answer for agents, and those who may stop, release, approve and change: by the policy and the
/// authorized keys at the time when the pack is built.
struct Responsibilities {
    private let entries: [AgentEntry]
    private let policy: PolicySnapshot?

    /// - Parameters:
    ///   - policy: nil if it cannot be read.
    ///   - scope: empty for all agents.
    init(_ policy: PolicySnapshot?, scope: [AgentName]) {
        self.policy = policy
        let agents = policy.map { Array($0.agents.values) } ?? []
        entries = agents.filter { scope.isEmpty || scope.contains($0.name) }
            .sorted { $0.name.text < $1.name.text }
    }

    /// The agents with owner, purpose, tier, the most autonomy that the policy permits, and the date of the next review.
    func agents(hasNames: Bool) -> JSONValue {
        .array(
            entries.map { entry -> JSONValue in
                var object: JSONObject = [
                    "agent": .string(entry.name.text), "stage": .string(entry.stage.rawValue),
                    "tier": .string(entry.tier.rawValue),
                ]
                if let purpose = entry.purpose { object["purpose"] = .string(purpose) }
                if let day = entry.reviewBy { object["review_by"] = .string(day.text) }
                if hasNames, let owner = entry.owner { object["owner"] = .string(owner.address) }
                return .object(object)
            })
    }

    /// The people of each role, of each group of approvers, and those who answer for the policy.
    func roles(_ keys: AuthorizedKeys?) -> JSONValue {
        var roles: [(key: String, value: JSONValue)] = []
        for role in Role.allCases {
            let people = (keys?.people ?? []).filter { $0.roles.contains(role) }
            roles.append((role.rawValue, Self.list(people.map(\.person))))
        }
        let groups = (policy.map { Array($0.groups.values) } ?? []).map { group in
            (key: group.name, value: Self.list(group.members))
        }
        return [
            "approve": .object(JSONObject(distinct: groups)),
            "change": Self.list(policy?.owners ?? []),
            "roles": .object(JSONObject(distinct: roles)),
        ]
    }

    /// The facts about an agent that the policy does not state.
    var gaps: [ControlGap] {
        guard policy != nil else {
            return [ControlGap("The policy cannot be read, so no owner of an agent is known.")]
        }
        return entries.flatMap { entry -> [ControlGap] in
            var missing: [String] = []
            if entry.owner == nil { missing.append("owner") }
            if entry.purpose == nil { missing.append("purpose") }
            if entry.reviewBy == nil { missing.append("date of a review") }
            return missing.map { ControlGap("The agent `\(entry.name.text)` has no \($0).") }
        }
    }

    private static func list(_ people: [Person]) -> JSONValue {
        .array(people.map(\.address).sorted().map { .string($0) })
    }
}
