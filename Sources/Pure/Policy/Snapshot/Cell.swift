package import InterlockModel

/// The rules of the policy for one agent and tools of one kind that a scope, `approval_required` or an
/// elevation names, before anything about a call is known. It contains everything that can matter to a
/// decision.
///
/// It is a class, because a policy has many cells, which are read often and never change.
package final class Cell: Sendable {
    /// The rows of the tool table, ascending; at least one.
    package let tools: [Int]
    /// True if the agent names the one tool. Otherwise these are all others of the kind.
    let isNamed: Bool
    let kind: ToolKind
    /// The permanent grants that name the tools: those that are not sandboxed-only first, then unguarded
    /// ones, then by the guard's text, so that the order of the file does not affect what a budget reaches.
    package let grants: [GrantSpec]
    /// The fit elevations that name the tool: those of the file by id, then those of the store by id.
    package let elevations: [ElevationOverlay]
    /// The entry of `approval_required` that names the tool.
    package let approvalEntry: Located<String>?
    /// The matching forbids that concern the agent: unguarded ones first, then by id.
    package let forbids: [RuleSpec]
    /// The matching effect rules that concern the agent, by id. Each adds its effect unless it is false.
    package let effectRules: [RuleSpec]
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

    /// The same cell for one of the tools.
    package func alone(_ tool: Int) -> Cell {
        Cell(
            tools: [tool], isNamed: true, kind: kind, grants: grants, elevations: elevations,
            approvalEntry: approvalEntry, forbids: forbids, effectRules: effectRules,
            isWithinTier: isWithinTier)
    }

    /// The same cell without elevations.
    package var withoutElevations: Cell {
        elevations.isEmpty
            ? self
            : Cell(
                tools: tools, isNamed: isNamed, kind: kind, grants: grants, elevations: [],
                approvalEntry: approvalEntry, forbids: forbids, effectRules: effectRules,
                isWithinTier: isWithinTier)
    }

    /// The first of the tools.
    package var tool: Int { tools[0] }
    /// The effects that hold for every call.
    package var effects: EffectSet { kind.effects }
    package var isForbiddenAlways: Bool { forbids.first.map { $0.when == nil } ?? false }
    var approvalAlone: Bool { grants.isEmpty }
    /// True if a scope or `approval_required` names the tool, not only an elevation.
    package var isStanding: Bool { !grants.isEmpty || approvalEntry != nil }
    /// True if neither the tier nor a forbid excludes the tool for every call.
    package var isReachable: Bool { isWithinTier && !isForbiddenAlways }
    /// The elevations that are in force at `now` or later.
    package func elevations(from now: Timestamp) -> [ElevationOverlay] {
        elevations.filter { now < $0.until }
    }
    /// Returns true if the tool is reachable at `now` or later. Elevations that have ended do not count.
    package func canBeGranted(from now: Timestamp) -> Bool {
        isReachable && (isStanding || !elevations(from: now).isEmpty)
    }
    /// The effects, with every effect that a rule could add.
    package var allEffects: EffectSet { effectRules.reduce(effects) { $0.union($1.addedEffect) } }

    /// The strictest verdict in one column of the controls, for a call that is granted and not forbidden.
    package func verdict(_ controls: Controls, _ column: Controls.Column) -> Verdict {
        let verdict = controls.strictest(of: allEffects, column).verdict
        return needsApproval && verdict == .allow ? .approve(1) : verdict
    }

    /// Returns true if people may have to decide a call, in one column of the controls.
    func mayNeedPeople(_ controls: Controls, _ column: Controls.Column) -> Bool {
        needsApproval
            || allEffects.effects.contains { controls[$0][column].needsPeople }
    }

    /// True if an approval can be required whatever the controls state: by `approval_required`, or for a
    /// call that is not attested as sandboxed.
    private var needsApproval: Bool {
        approvalEntry != nil || grants.contains(where: \.sandboxedOnly)
            || elevations.contains { $0.grants.contains(where: \.sandboxedOnly) }
    }
}

/// The grants of one elevation for one tool.
package struct ElevationOverlay: Sendable {
    package let id: String
    /// The elevation is in force in `[from, until)`.
    package let from: Timestamp
    package let until: Timestamp
    /// The grants, in the order of `Cell.grants`.
    package let grants: [GrantSpec]
}

extension RuleSpec {
    /// The effect that an effect rule adds; empty for a forbid.
    package var addedEffect: EffectSet { adds.map { EffectSet($0) } ?? [] }
}

extension AgentSpec {
    /// The column of the controls that applies at a stage.
    package func column(at stage: TrustStage) -> Controls.Column {
        Controls.Column(tier: effectiveTier, stage: stage)
    }
}
