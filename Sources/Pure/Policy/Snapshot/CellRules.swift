import InterlockModel

/// The rules of one agent for one tool: steps 1, 2 and 4 of docs/specs/policy.md, section 4.2.
struct CellRules: Sendable {
    /// The forbids, unguarded ones first, then by id. The first that applies is named.
    let forbids: [CompiledRule]
    /// The grants, in the order of `Cell.grants`.
    let grants: [CompiledGrant]
    let elevations: [CompiledElevation]
    /// The entry of `approval_required`.
    let approval: ApprovalEntry?
    let effectRules: [CompiledRule]
    let isWithinTier: Bool
    let effects: EffectSet
    let agent: AgentSpec
}

/// The result of steps 1 and 2.
enum Permission {
    case refused(Ruling)
    /// The call is granted by the grant or entry at this path. `isUnattested` is true if only grants for
    /// sandboxed calls apply, and this call is not known to be sandboxed.
    case granted(path: String, place: PolicyLocation, isUnattested: Bool)
}

extension CellRules {
    /// Applies steps 1 and 2: no forbid applies, the tier has the class, and something grants the call.
    func permission(_ evaluation: inout Evaluation) -> Permission {
        for forbid in forbids where applies(forbid, &evaluation) {
            return .refused(
                .refusal(
                    .forbid, rule: forbid.id, place: forbid.place, condition: forbid.condition))
        }
        let firstPlace = grants.first?.place ?? approval?.place ?? agent.place
        guard isWithinTier else { return .refused(.refusal(.noGrant, place: firstPlace)) }
        var named = grants.first
        var granting = firstTrue(grants, nil, &evaluation)
        for elevation in elevations where evaluation.isLive(elevation) {
            named = named ?? elevation.grants.first
            granting = firstTrue(elevation.grants, granting, &evaluation)
        }
        if let granting {
            return .granted(
                path: granting.path, place: granting.place,
                isUnattested: granting.sandboxedOnly && !evaluation.input.isSandboxed)
        }
        // If no scope names the tool, the entry itself grants it.
        if grants.isEmpty, let approval {
            return .granted(path: approval.path, place: approval.place, isUnattested: false)
        }
        guard let named else { return .refused(.refusal(.noGrant, place: agent.place)) }
        return .refused(
            .refusal(
                .guardFalse, rule: named.path, place: named.place, condition: named.condition))
    }

    /// The effects of this call: those of the tool, and of each rule whose guard is not false.
    func effects(_ evaluation: inout Evaluation) -> EffectSet {
        var all = effects
        for rule in effectRules where applies(rule, &evaluation) { all.formUnion(rule.adds) }
        return all
    }

    /// Applies step 4 to a call that is granted.
    func control(
        _ controls: Controls, _ column: Controls.Column, of effects: EffectSet,
        grantedAt place: PolicyLocation, path: String, isUnattested: Bool
    ) -> Ruling {
        let (verdict, effect) = controls.strictest(of: effects, column)
        if verdict == .allow {
            // An entry, or a sandbox that is not attested, raises allow to approve.
            if let approval {
                return Ruling(
                    verdict: .approve(1), reason: .approvalRequired, rule: approval.path,
                    place: approval.place)
            }
            if isUnattested {
                return Ruling(
                    verdict: .approve(1), reason: .approvalRequired, rule: path, place: place)
            }
        }
        return Ruling(
            verdict: verdict, reason: .controls, rule: Controls.ruleName(effect),
            place: controls[effect].place ?? place)
    }

    private func applies(_ rule: CompiledRule, _ evaluation: inout Evaluation) -> Bool {
        guard let condition = rule.condition else { return true }
        return evaluation.evaluate(condition, of: rule.id).applies
    }

    /// The first grant that is true. If that one needs an attestation, the search continues for one that
    /// does not.
    private func firstTrue(
        _ grants: [CompiledGrant], _ found: CompiledGrant?, _ evaluation: inout Evaluation
    ) -> CompiledGrant? {
        var found = found
        for grant in grants {
            if let found, !found.sandboxedOnly || grant.sandboxedOnly { return found }
            if let condition = grant.condition,
                !evaluation.evaluate(condition, of: grant.path).permits
            {
                continue
            }
            found = grant
        }
        return found
    }
}

extension Controls {
    /// The strictest control of some effects; among equals, the gravest effect is named. Without any effect
    /// the result is deny: such a tool does not exist (`ToolSpec.effects`).
    func strictest(of effects: EffectSet, _ column: Column) -> (verdict: Verdict, effect: Effect) {
        var strictest: (verdict: Verdict, effect: Effect)?
        for effect in Effect.gravestFirst where effects.has(effect) {
            let verdict = self[effect][column]
            if let known = strictest, known.verdict >= verdict { continue }
            strictest = (verdict, effect)
        }
        return strictest ?? (.deny, .irreversible)
    }

    /// The name of a control, which is made once so that a decision makes no text.
    static func ruleName(_ effect: Effect) -> String { ruleNames[Int(effect.rawValue)] }
    private static let ruleNames = Effect.allCases.map { "controls." + $0.name }
}
