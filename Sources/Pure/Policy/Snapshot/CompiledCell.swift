import InterlockModel

/// One agent and tools of one kind, ready for decisions.
final class CompiledCell: Sendable {
    /// The rows of the tool table, ascending.
    let tools: [Int]
    /// True if the agent names the one tool.
    let isNamed: Bool
    let kind: ToolKind
    let rules: CellRules
    /// True if a scope or `approval_required` names the tools.
    let isStanding: Bool
    /// True if the tools are listed for the agent while something names them, by column of the controls.
    private let isVisibleSupervised: Bool
    private let isVisibleTrusted: Bool
    /// True if people may have to decide, by column of the controls.
    private let mayNeedPeopleSupervised: Bool
    private let mayNeedPeopleTrusted: Bool
    let limits: [LimitSlot]

    init(_ cell: Cell, rules: CellRules, limits: [LimitSlot], _ controls: Controls) {
        tools = cell.tools
        isNamed = cell.isNamed
        kind = cell.kind
        self.rules = rules
        isStanding = cell.isStanding
        func isVisible(_ column: Controls.Column) -> Bool {
            cell.isReachable && controls.strictest(of: cell.effects, column).verdict != .deny
        }
        isVisibleSupervised = isVisible(.supervised)
        isVisibleTrusted = isVisible(.trusted)
        mayNeedPeopleSupervised = cell.mayNeedPeople(controls, .supervised)
        mayNeedPeopleTrusted = cell.mayNeedPeople(controls, .trusted)
        self.limits = limits
    }

    func mayNeedPeople(in column: Controls.Column) -> Bool {
        column == .supervised ? mayNeedPeopleSupervised : mayNeedPeopleTrusted
    }

    /// True if a call only reads: its class says so, and it passes no data out.
    var isRead: Bool { kind.toolClass == .read && !kind.sends }

    func isVisible(in column: Controls.Column, at now: Timestamp) -> Bool {
        (column == .supervised ? isVisibleSupervised : isVisibleTrusted)
            && (isStanding || rules.elevations.contains { $0.isLive(at: now) })
    }
}

extension EffectSet {
    /// True for effects that the owner never decides about (docs/specs/policy.md, section 4.3).
    package var excludesOwner: Bool { has(.spendsMoney) || has(.production) }
}
