import InterlockJSON
import InterlockModel
import InterlockPolicy

/// Changes of rules that reach no grant of today: an effect rule or a tier used only through elevations, a row of the
/// controls. Each is listed with what it would decide if people granted the tool.
struct LatentComparison {
    private let verdicts: VerdictComparison
    /// The differences that are not latent.
    private let reported: [Difference]
    private var old: PolicySnapshot { verdicts.old }
    private var new: PolicySnapshot { verdicts.new }

    init(_ verdicts: VerdictComparison, reported: [Difference]) {
        self.verdicts = verdicts
        self.reported = reported
    }

    func differences() -> [Difference] {
        let granted = grantDifferences()
        return granted + ruleDifferences(besides: reported + granted)
    }

    /// Agents that a future grant of any tool would be decided alike for, in both policies.
    private struct Class: Hashable {
        let before: Traits
        let after: Traits
    }

    private struct Traits: Hashable {
        let tier: Tier
        let stage: TrustStage
        let voters: Int
        let votersWithoutOwner: Int
        let ownerVotes: Bool
        /// The rules that name the agent.
        let forbids: [Int]
        let effects: [Int]

        init?(_ agent: AgentName, _ regions: PolicyRegions) {
            guard let entry = regions.policy.agents[agent], let spec = regions.spec(of: agent)
            else {
                return nil
            }
            tier = spec.effectiveTier
            stage = entry.stageOnceComplete(.trusted)
            voters = entry.members.count
            votersWithoutOwner = entry.membersWithoutOwner.count
            ownerVotes = entry.ownerVotesUntil != nil
            func naming(_ rules: [RuleSpec]) -> [Int] {
                rules.indices.filter { !rules[$0].agents.isEmpty && rules[$0].concerns(spec) }
            }
            forbids = naming(regions.policy.document.forbids)
            effects = naming(regions.policy.document.effectRules)
        }
    }

    /// The differences by tool, each taken from the first agent for which it appears, of alike ones one without the tool.
    private func grantDifferences() -> [Difference] {
        let names = Set(old.agents.keys).intersection(new.agents.keys).sorted()
        var classes: [Class: [AgentName]] = [:]
        for name in names {
            guard let before = Traits(name, verdicts.before),
                let after = Traits(name, verdicts.after)
            else { continue }
            classes[Class(before: before, after: after), default: []].append(name)
        }
        let groups = classes.values.sorted { $0[0] < $1[0] }
        let tools = Set(old.table.rows.map(\.address)).intersection(new.table.rows.map(\.address))
        let asked = tools.sorted().map { tool in
            (
                tool: tool,
                agents: groups.compactMap { group in group.first { !has($0, tool) } ?? group.first }
            )
        }
        let assumed = VerdictComparison(
            old: old, new: new, agents: Set(asked.flatMap(\.agents)), now: verdicts.now,
            future: true)
        let shown = Dictionary(grouping: reported, by: \.subject)
        return asked.flatMap { tool, agents in
            var directions = Set((shown[tool.description] ?? []).map(\.direction))
            return agents.flatMap { agent in
                assumed.differences(of: agent, tool).compactMap { found -> Difference? in
                    guard directions.insert(found.direction).inserted else { return nil }
                    return found.latent(grantedTo: agent)
                }
            }
        }
    }

    private func has(_ agent: AgentName, _ tool: ToolAddress) -> Bool {
        verdicts.before.cell(agent, tool) != nil || verdicts.after.cell(agent, tool) != nil
    }

    /// The changed rows of the controls and tiers that no difference shows, because no agent could use them or a
    /// stricter rule hides them.
    private func ruleDifferences(besides shown: [Difference]) -> [Difference] {
        let tools = Set(shown.map(\.subject))
        var found: [Difference] = []
        for effect in Effect.allCases where !isShown(effect, by: tools) {
            for column in [Controls.Column.supervised, .trusted] {
                let was = old.document.controls[effect][column]
                let isNow = new.document.controls[effect][column]
                guard was != isNow else { continue }
                found.append(
                    .latent(
                        isNow < was ? .widens : .narrows,
                        "controls.\(effect.name).\(column.name)", new: isNow.description,
                        old: was.description))
            }
        }
        let agents = Set(shown.compactMap { $0.agent ?? $0.assumedGrant?.text })
        for tier in Tier.allCases where !isShown(tier, by: agents) {
            let was = old.document.tiers[tier]?.classes ?? []
            let isNow = new.document.tiers[tier]?.classes ?? []
            guard was != isNow else { continue }
            let direction: Difference.Direction =
                isNow.isSuperset(of: was)
                ? .widens : isNow.isSubset(of: was) ? .narrows : .notComparable
            found.append(
                .latent(
                    direction, "tiers.\(tier.rawValue).classes", new: isNow.text, old: was.text))
        }
        return found + unmetRules()
    }

    /// Returns true if a difference concerns a tool that can have the effect.
    private func isShown(_ effect: Effect, by tools: Set<String>) -> Bool {
        [old, new].contains { policy in
            policy.table.rows.contains { row in
                tools.contains(row.address.description)
                    && (row.spec.effects.has(effect)
                        || row.effectRules.contains {
                            policy.document.effectRules[$0].adds == effect
                        })
            }
        }
    }

    private func isShown(_ tier: Tier, by agents: Set<String>) -> Bool {
        [old, new].contains { policy in
            policy.document.agents.contains {
                $0.effectiveTier == tier && agents.contains($0.name.text)
            }
        }
    }

    /// The changed forbids and effect rules that concern no agent of either policy.
    private func unmetRules() -> [Difference] {
        compare("forbid", \.forbids) + compare("effects", \.effectRules)
    }

    private func compare(
        _ key: String, _ rules: (PolicyDocument) -> [RuleSpec]
    ) -> [Difference] {
        let (was, isNow) = (unmet(old, rules), unmet(new, rules))
        return Set(was.keys).union(isNow.keys).sorted().compactMap { id in
            guard was[id] != isNow[id] else { return nil }
            let direction: Difference.Direction =
                was[id] == nil ? .narrows : isNow[id] == nil ? .widens : .notComparable
            return .latent(
                direction, "\(key).\(id)", new: isNow[id] ?? "absent", old: was[id] ?? "absent")
        }
    }

    /// The rules by id that concern no agent, as text. A rule that is met in the other policy is compared there.
    private func unmet(
        _ policy: PolicySnapshot, _ rules: (PolicyDocument) -> [RuleSpec]
    ) -> [String: String] {
        let agents = [old, new].flatMap(\.document.agents)
        var found: [String: String] = [:]
        for rule in rules(policy.document) where !agents.contains(where: rule.concerns) {
            let tools = rule.patterns.map(\.value.text).sorted().joined(separator: " ")
            let tiers = rule.tiers.map(\.rawValue).sorted().joined(separator: " ")
            found[rule.id.value] =
                "\(rule.adds.map { $0.name + " " } ?? "")of \(tools) at tier \(tiers)"
                + (rule.when.map { " when \($0.source)" } ?? "")
        }
        return found
    }
}

extension Difference {
    fileprivate func latent(grantedTo agent: AgentName) -> Difference {
        var difference = Difference(
            direction: direction, agent: nil, subject: subject, new: new, old: old)
        difference.witness = witness
        difference.time = time
        difference.stage = stage
        difference.onceComplete = onceComplete
        difference.notes = notes
        difference.isLatent = true
        difference.assumedGrant = agent
        return difference
    }

    fileprivate static func latent(
        _ direction: Direction, _ subject: String, new: String, old: String
    ) -> Difference {
        var difference = Difference(
            direction: direction, agent: nil, subject: subject, new: new, old: old)
        difference.isLatent = true
        return difference
    }
}

extension Controls.Column {
    fileprivate var name: String {
        switch self {
        case .supervised: "supervised"
        case .trusted: "trusted"
        }
    }
}

extension Set<ToolClass> {
    /// The classes in the order of the format: `read, write`.
    fileprivate var text: String {
        ToolClass.allCases.filter(contains).map(\.rawValue).joined(separator: ", ")
    }
}
