import InterlockModel

/// The obligations that an agent's `data` states for one tool.
struct DataSpec: Sendable {
    /// The tool in the form `server.tool`.
    let tool: Located<String>
    let obligations: DataObligations
}

/// The hours in which an agent may act.
struct HoursSpec: PolicyPart {
    /// The days of the week, with 0 for Monday; every day if none is stated.
    let days: Set<Int>
    /// Minutes since midnight in the zone, half open, and across midnight if `from` is the later.
    let from: Int
    let to: Int
    let zone: Located<String>
    let place: PolicyLocation
    let path: String
}

/// A limit as written.
struct LimitSpec: PolicyPart {
    enum Subject: Sendable, Hashable {
        /// Every call of the agent.
        case calls
        /// The calls of a tool, named `server.tool`.
        case tool(String)
        /// The sum of an argument over the calls of a tool, whose name is bare or qualified.
        case spend(tool: String, field: String)
    }

    let subject: Subject
    let rate: Rate
    let place: PolicyLocation
    let path: String
}
