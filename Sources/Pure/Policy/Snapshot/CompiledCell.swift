import InterlockModel

/// One agent and one tool, ready for decisions. Where the rules give every call the same, the decisions
/// are finished; else they are made from the rules.
final class CompiledCell: Sendable {
    enum Plan: Sendable {
        /// By column of the controls; `isGranted`: hours, reviews and limits come before the verdict.
        case finished([Decision], isGranted: Bool)
        /// `common`: what each decision says, whatever the verdict.
        case guarded(CellRules, CallSite, common: Decision)
    }

    let tool: Int
    let plan: Plan
    let isRead: Bool
    /// A scope or `approval_required` names the tool.
    let isStanding: Bool
    /// When the elevations live that name it.
    let windows: [CompiledElevation]
    /// By column: whether it is listed for the agent while something names it.
    let isVisible: [Bool]
    let limits: [LimitSlot]

    init(
        tool: Int, plan: Plan, isRead: Bool, isStanding: Bool,
        windows: [CompiledElevation], isVisible: [Bool], limits: [LimitSlot]
    ) {
        self.tool = tool
        self.plan = plan
        self.isRead = isRead
        self.isStanding = isStanding
        self.windows = windows
        self.isVisible = isVisible
        self.limits = limits
    }

    func isVisible(in column: Int, at now: Timestamp) -> Bool {
        isVisible[column] && (isStanding || windows.contains { $0.isLive(at: now) })
    }
}

extension EffectSet {
    /// The owner never decides about these (4.3).
    var excludesOwner: Bool { has(.spendsMoney) || has(.production) }
}
