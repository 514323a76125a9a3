import InterlockModel

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
    let place: PolicyLocation
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
    let place: PolicyLocation
    let path: String
}
