import InterlockModel

/// What the policy says about one agent and tools of one kind that a scope, `approval_required` or an
/// elevation of the file names, before anything about a call is known. All that can matter to a
/// decision is here.
///
/// A class, because a policy has many, they are looked at often, and they never change.
final class Cell: Sendable {
    /// Rows of the tool table, ascending; at least one.
    let tools: [Int]
    /// Whether the agent names the one tool; else these are all tools of the kind that it does not name.
    let isNamed: Bool
    let kind: ToolKind
    /// The standing grants that name the tools: not sandboxed-only first, then unguarded ones, then by
    /// the guard's text, so that the order of the file has no say in what a budget reaches.
    let grants: [GrantSpec]
    /// The fit elevations of the file that name it, by id.
    let elevations: [ElevationOverlay]
    /// The entry of `approval_required` that names it.
    let approvalEntry: Located<String>?
    /// The forbids that concern the agent and match; unguarded ones first, then by id.
    let forbids: [RuleSpec]
    /// The rules that concern the agent and match, by id; each adds its effect unless its guard is false.
    let effectRules: [RuleSpec]
    let isWithinTier: Bool

    init(
        tools: [Int], isNamed: Bool, kind: ToolKind, grants: [GrantSpec],
        elevations: [ElevationOverlay],
        approvalEntry: Located<String>?, forbids: [RuleSpec], effectRules: [RuleSpec],
        isWithinTier: Bool
    ) {
        self.tools = tools
        self.isNamed = isNamed
        self.kind = kind
        self.grants = grants
        self.elevations = elevations
        self.approvalEntry = approvalEntry
        self.forbids = forbids
        self.effectRules = effectRules
        self.isWithinTier = isWithinTier
    }

    /// The same for one of the tools.
    func alone(_ tool: Int) -> Cell {
        Cell(
            tools: [tool], isNamed: true, kind: kind, grants: grants, elevations: elevations,
            approvalEntry: approvalEntry, forbids: forbids, effectRules: effectRules,
            isWithinTier: isWithinTier)
    }

    /// The first of the tools.
    var tool: Int { tools[0] }
    /// Effects that hold for every call.
    var effects: EffectSet { kind.effects }
    var isForbiddenAlways: Bool { forbids.first.map { $0.when == nil } ?? false }
    var approvalAlone: Bool { grants.isEmpty }
    /// A scope or `approval_required` names the tool, not an elevation alone.
    var isStanding: Bool { !grants.isEmpty || approvalEntry != nil }
    /// Neither the tier nor a forbid rules it out, whatever the call.
    var isReachable: Bool { isWithinTier && !isForbiddenAlways }
    /// Reachable at `now` or later: elevations that have ended do not count.
    func canBeGranted(from now: Timestamp) -> Bool {
        isReachable && (isStanding || elevations.contains { now < $0.until })
    }
    /// With every effect that a rule could add.
    var allEffects: EffectSet { effectRules.reduce(effects) { $0.union($1.addedEffect) } }

    /// The strictest verdict at one column of the controls for a call that is granted and not forbidden.
    func verdict(
        _ controls: Controls, _ column: Controls.Column
    ) -> Verdict {
        let verdict = controls.strictest(of: allEffects, column).verdict
        return needsApproval && verdict == .allow ? .approve(1) : verdict
    }

    /// Whether people may have to decide a call at one column of the controls.
    func mayNeedPeople(_ controls: Controls, _ column: Controls.Column) -> Bool {
        needsApproval
            || allEffects.effects.contains { effect in
                if case .approve = controls[effect][column] { true } else { false }
            }
    }

    /// Whether an approval can be asked for whatever the controls say: by `approval_required`, or of a
    /// call that is not attested as sandboxed.
    private var needsApproval: Bool {
        approvalEntry != nil || grants.contains(where: \.sandboxedOnly)
            || elevations.contains { $0.grants.contains(where: \.sandboxedOnly) }
    }
}

/// What one elevation of the file gives for one tool.
struct ElevationOverlay: Sendable {
    let id: String
    /// It lives in `[from, until)`.
    let from: Timestamp
    let until: Timestamp
    /// In the order of `Cell.grants`.
    let grants: [GrantSpec]
}

extension RuleSpec {
    /// What an effect rule adds; nothing for a forbid.
    var addedEffect: EffectSet { adds.map { EffectSet($0) } ?? [] }
}

extension AgentSpec {
    /// The column of the controls that holds at a stage.
    func column(at stage: TrustStage) -> Controls.Column {
        Controls.Column(tier: effectiveTier, stage: stage)
    }
}
