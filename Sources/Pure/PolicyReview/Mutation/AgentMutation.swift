package import InterlockModel
package import InterlockPolicy

/// The changes of a policy that the suite of one agent should notice (docs/specs/evals.md, section 9, T15).
///
/// INVARIANT: a change that is noticed by no decision about the agent does not count. Kept by `AgentMutationTests`.
package struct AgentMutation: Sendable {
    package enum Fate: Sendable, Hashable {
        /// The changed policy does not compile, so it is never loaded.
        case unloaded
        /// The agent's calls are decided alike.
        case equal
        case killed, survived
    }

    /// The policy that is changed. It has this agent alone if it compiles without the others, which costs less.
    package let policy: PolicySnapshot
    /// The changes by file and line, `most` of them at most; those of `forbid` come first if there are more.
    package let mutants: [PolicyMutant]
    private let agent: AgentName
    private let now: Timestamp
    private let hashing: any Hashing

    package static let most = 400

    package init(
        of agent: AgentName, in policy: PolicySnapshot, at now: Timestamp, hashing: any Hashing
    ) {
        let alone = policy.document.root.withAgent(agent)
        let base = policy.compiled(from: alone, at: now, hashing) ?? policy
        let servers = Set(policy.scopedTools(of: agent).map(\.server))
        self.policy = base
        mutants = Self.chosen(base.document.mutants(of: agent, on: servers))
        self.agent = agent
        self.now = now
        self.hashing = hashing
    }

    /// - Parameter isNoticed: returns true if a case that passes on `policy` fails on the changed policy.
    package func judge(
        _ mutant: PolicyMutant, isNoticed: (PolicySnapshot) -> Bool
    ) -> Fate {
        let root = policy.document.root.edited(at: mutant.target, mutant.edit)
        guard let changed = policy.compiled(from: root, at: now, hashing) else { return .unloaded }
        if isNoticed(changed) { return .killed }
        let comparison = PolicyComparison.compare(
            policy, changed, at: now, agent: agent, latent: false)
        return comparison.differences.isEmpty ? .equal : .survived
    }

    /// All changes, or `most` of them: of `forbid` first, then of the others at equal distances.
    private static func chosen(_ all: [PolicyMutant]) -> [PolicyMutant] {
        guard all.count > most else { return all }
        let forbids = Array(all.filter(\.isOfForbid).prefix(most))
        let others = all.filter { !$0.isOfForbid }
        let room = most - forbids.count
        return forbids + (0..<room).map { others[$0 * others.count / room] }
    }
}

extension TypedValue {
    /// The tree of a policy without other agents and without its tests.
    fileprivate func withAgent(_ agent: AgentName) -> TypedValue {
        let kept = members.filter { $0.key != "tests" }.map { member -> Member in
            guard member.key == "agents" else { return member }
            let agents = member.value.members.filter { $0.key == agent.text }
            return Member(
                key: member.key, keyPlace: member.keyPlace,
                value: TypedValue(
                    kind: .record(agents), place: member.value.place, path: member.value.path))
        }
        return TypedValue(kind: .record(kept), place: place, path: path)
    }
}
