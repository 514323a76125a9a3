package import InterlockModel

/// The obligations that an agent's `data` states for one tool.
package struct DataSpec: Sendable {
    /// The tool in the form `server.tool`.
    package let tool: Located<String>
    package let obligations: DataObligations
}

/// The hours in which an agent may act.
package struct HoursSpec: PolicyPart {
    /// The days of the week, with 0 for Monday; every day if none is stated.
    package let days: Set<Int>
    /// Minutes since midnight in the zone, half open, and across midnight if `from` is the later.
    package let from: Int
    package let to: Int
    package let zone: Located<String>
    package let place: PolicyLocation
    package let path: String
}

/// A limit as written.
package struct LimitSpec: PolicyPart {
    package enum Subject: Sendable, Hashable {
        /// Every call of the agent.
        case calls
        /// The calls of a tool, named `server.tool`.
        case tool(String)
        /// The sum of an argument over the calls of a tool, whose name is bare or qualified.
        case spend(tool: String, field: String)
    }

    package let subject: Subject
    package let rate: Rate
    package let place: PolicyLocation
    package let path: String
}
