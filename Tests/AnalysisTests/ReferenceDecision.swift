import InterlockModel

/// The decision of docs/specs/policy.md, section 4.2, written a second time as plainly as possible, for random policies.
struct ReferenceDecision: Equatable, CustomStringConvertible {
    let verdict: Verdict
    let reason: String

    var description: String { "\(verdict) \(reason)" }

    /// - Parameters:
    ///   - hour: the hour of the day of the example.
    ///   - stage: the stage at which the call is decided; not observe.
    ///   - unfit: the numbers of elevations that grant nothing.
    init(
        _ policy: RandomPolicy, _ tool: RandomPolicy.Tool, _ argument: RandomArgument,
        sandboxed: Bool, hour: Int, stage: TrustStage, unfit: Set<Int>
    ) {
        func applies(_ rule: RandomPolicy.Rule) -> Bool {
            rule.matches(tool) && rule.when?.meaning(argument, stage) != false
        }
        func isTrue(_ grant: RandomPolicy.Grant) -> Bool {
            guard let condition = grant.when else { return true }
            return condition.meaning(argument, stage) == true
        }
        if policy.forbids.contains(where: applies) {
            self.init(verdict: .deny, reason: "forbid")
            return
        }
        let scoped = policy.grants.filter { $0.names(tool) }
        let live = policy.elevations.enumerated().filter { number, elevation in
            !unfit.contains(number) && elevation.from <= hour && hour < elevation.until
                && elevation.grant.names(tool)
        }.map(\.element.grant)
        let isEntry = policy.approvalRequired.contains(tool.name)
        let granting = (scoped + live).filter(isTrue)
        guard !granting.isEmpty || (scoped.isEmpty && isEntry) else {
            self.init(
                verdict: .deny,
                reason: scoped.isEmpty && live.isEmpty ? "no-grant" : "guard-false")
            return
        }
        var effects = Set(tool.effects)
        for rule in policy.effectRules where applies(rule) {
            rule.adds.map { _ = effects.insert($0) }
        }
        let isTrusted = stage == .trusted && policy.tier != .high
        var people = effects.map { Self.people(for: $0, isTrusted) }.max() ?? 0
        var reason = "controls"
        let isUnattested =
            !sandboxed && !granting.isEmpty && granting.allSatisfy(\.sandboxedOnly)
        if people == 0, isEntry || isUnattested {
            people = 1
            reason = "approval-required"
        }
        let ownerCounts =
            policy.ownerMayVote && !effects.contains(.spendsMoney) && !effects.contains(.production)
        let voters = policy.members.filter { $0 != RandomPolicy.owner || ownerCounts }
        guard voters.count >= people else {
            self.init(verdict: .deny, reason: "no-approvers")
            return
        }
        self.init(verdict: people == 0 ? .allow : .approve(people), reason: reason)
    }

    private init(verdict: Verdict, reason: String) {
        self.verdict = verdict
        self.reason = reason
    }

    /// The numbers of the elevations that grant nothing, because too few people can decide a call that they may lead
    /// to, at the stage of the file.
    static func unfit(_ policy: RandomPolicy, hour: Int) -> Set<Int> {
        let isTrusted = policy.stage == .trusted && policy.tier != .high
        var unfit: Set<Int> = []
        for (number, elevation) in policy.elevations.enumerated() where hour < elevation.until {
            for tool in RandomPolicy.tools where elevation.grant.names(tool) {
                let isForbidden = policy.forbids.contains { $0.when == nil && $0.matches(tool) }
                guard !isForbidden else { continue }
                let added = policy.effectRules.filter { $0.matches(tool) }.compactMap(\.adds)
                let effects = Set(tool.effects + added)
                var people = effects.map { Self.people(for: $0, isTrusted) }.max() ?? 0
                if people == 0, elevation.grant.sandboxedOnly { people = 1 }
                let ownerCounts =
                    policy.ownerMayVote && effects.isDisjoint(with: [.spendsMoney, .production])
                let voters = policy.members.filter { $0 != RandomPolicy.owner || ownerCounts }
                if voters.count < people { unfit.insert(number) }
            }
        }
        return unfit
    }

    /// The built-in controls.
    private static func people(for effect: Effect, _ isTrusted: Bool) -> Int {
        switch effect {
        case .read: 0
        case .sensitiveData, .reversible: isTrusted ? 0 : 1
        case .customerFacing: 1
        case .irreversible, .spendsMoney: isTrusted ? 1 : 2
        case .production: 2
        }
    }
}
