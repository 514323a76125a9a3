import InterlockModel

/// One agent as written.
struct AgentSpec: Sendable {
    let name: AgentName
    /// Of its key under `agents`, or of `agent` in a file of its own.
    let place: SourcePlace
    let path: String
    let owner: Located<Person>?
    let purpose: String?
    let tier: Located<Tier>?
    let stage: Located<Stage>?
    let reviewBy: Located<CivilDate>?
    /// The profile; nil when no sandbox is stated.
    let sandboxProfile: String?
    /// `host:port` or the host of each stated rule; nil when `egress` is not stated.
    let egress: [Located<String>]?
    let approvers: Located<String>?
    let approvalRequired: [Located<String>]
    let scopes: [ScopeSpec]
    /// nil when `data` is not stated.
    let data: [DataSpec]?
    let hours: HoursSpec?
    let calls: Located<Rate>?
    /// Everything under `limits`, `calls` too.
    let limits: [LimitSpec]
    let killSwitch: Located<KillSwitch>?
    /// Keys that this version reads and does not enforce, with their places.
    let notEnforced: [Located<String>]

    /// Missing counts as low (and is L103, which holds the agent).
    var effectiveTier: Tier { tier?.value ?? .low }
    /// Missing counts as observe (and is L104).
    var effectiveStage: Stage { stage?.value ?? .observe }
}

/// What an agent's `data` says about one tool.
struct DataSpec: Sendable {
    /// `server.tool`
    let tool: Located<String>
    let obligations: DataObligations
}

/// When an agent may act.
struct HoursSpec: Sendable {
    /// 0 is Monday; every day when none is stated.
    let days: Set<Int>
    /// Minutes since midnight, in the zone; half open, and across midnight when `from` is the later.
    let from: Int
    let to: Int
    let zone: Located<String>
    let place: SourcePlace
    let path: String
}

/// One limit as written.
struct LimitSpec: Sendable {
    enum Subject: Sendable, Hashable {
        /// Every call of the agent.
        case calls
        /// `server.tool`
        case tool(String)
        /// A sum over an argument of a tool, bare or qualified.
        case spend(tool: String, field: String)
    }

    let subject: Subject
    let rate: Rate
    let place: SourcePlace
    let path: String
}

/// What an agent may use of one server.
struct ScopeSpec: Sendable {
    let server: String
    let place: SourcePlace
    let path: String
    let grants: [GrantSpec]
}

struct GrantSpec: Sendable {
    enum Selector: Sendable, Hashable {
        case toolClass(ToolClass)
        case tool(String)
    }

    let selector: Selector
    let when: GuardText?
    let sandboxedOnly: Bool
    let place: SourcePlace
    let path: String

    func names(_ tool: String, of toolClass: ToolClass) -> Bool {
        switch selector {
        case .toolClass(let granted): granted == toolClass
        case .tool(let name): name == tool
        }
    }
}

struct ElevationSpec: Sendable {
    let id: Located<String>
    let agent: Located<String>
    let scopes: [ScopeSpec]
    let from: Timestamp
    let until: Timestamp
    let approvedBy: [Located<Person>]
    let reason: String?
    let place: SourcePlace
    let path: String
}
