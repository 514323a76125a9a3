package import InterlockModel
package import InterlockTrust

/// The finding of one part of the gateway for one check of readiness. The text is one line for people.
package enum ReadinessAnswer: Sendable, Hashable {
    case ok(String, leaves: [Digest] = [])
    case missing(String, leaves: [Digest] = [])
    /// The text says why it is not known.
    case unknown(String)

    /// - Parameter remedy: the command that mends it.
    package func result(of check: ReadinessCheck, remedy: String) -> ReadinessResult {
        switch self {
        case .ok(let text, let leaves): ReadinessResult(check, .ok, text, leaves: leaves)
        case .missing(let text, let leaves):
            ReadinessResult(check, .missing, text, remedy: remedy, leaves: leaves)
        case .unknown(let text): ReadinessResult(check, .unknown, text, remedy: remedy)
        }
    }
}

extension ReadinessCheck {
    /// The command that mends what the check found, for people at a terminal.
    ///
    /// - Parameter agent: nil for the organisation as a whole.
    package func remedy(for agent: AgentName?) -> String {
        let name = agent.map { " \($0.text)" } ?? ""
        return switch self {
        case .scopes, .purpose, .credentials: "interlock policy check"
        case .log: "interlock audit witness status"
        case .approvals, .selfTest: "interlock selftest run"
        case .review: agent == nil ? "interlock review status" : "interlock review status\(name)"
        case .controls: "interlock evidence build --from DATE --to DATE"
        case .incidents: "interlock incidents list"
        case .owner: agent == nil ? "interlock trust status" : "interlock trust confirm\(name)"
        case .eval: agent == nil ? "interlock eval gate" : "interlock eval run\(name)"
        case .drill: "interlock drill run"
        case .sandbox: agent == nil ? "interlock run AGENT -- CMD" : "interlock run\(name) -- CMD"
        case .status: "interlock status\(name)"
        }
    }

    /// True if the answer differs between agents.
    var isOfAgents: Bool {
        switch self {
        case .scopes, .owner, .purpose, .eval, .credentials, .sandbox, .status: true
        case .log, .approvals, .review, .drill, .selfTest, .controls, .incidents: false
        }
    }
}
