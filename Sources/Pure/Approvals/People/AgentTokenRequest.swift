import InterlockJSON
package import InterlockModel

/// A signed request for a token of an agent. The token begins a run and grants nothing beyond the policy in force.
package struct AgentTokenRequest: Hashable, Sendable {
    package let agent: AgentName
    /// The purpose of the run, 0 to 500 bytes; empty if none is declared.
    package let purpose: String
    /// The servers, such as `crm`, and tools, such as `tickets.search`, that the token is for at most; all that the
    /// policy grants if empty. At most 256, each once.
    package let only: [String]
    /// The lifetime of the token, 60 to 2,678,400 seconds.
    package let seconds: Int64

    /// - Returns: nil if a value is out of bounds, or a name is given twice.
    package init?(agent: AgentName, purpose: String, only: [String], seconds: Int64) {
        guard Self.purposes.contains(purpose.utf8.count), only.count <= ScopeSet.largestCount,
            Set(only.map { ExactText($0) }).count == only.count,
            only.allSatisfy({ Self.names.contains($0.utf8.count) }),
            Self.lifetimes.contains(seconds)
        else { return nil }
        self.agent = agent
        self.purpose = purpose
        self.only = only
        self.seconds = seconds
    }

    package static let purposes = 0...500
    /// The length of a name in `only`, in bytes.
    package static let names = 1...256
    package static let lifetimes =
        TokenLife.bounds.lowerBound.components
        .seconds...TokenLife.bounds.upperBound.components
        .seconds

    static let act = "issue_agent_token"
    static let ownMembers = ["agent", "purpose", "only", "lasts_s"]

    var members: JSONObject {
        [
            "deed": .string(Self.act), "agent": .string(agent.text), "purpose": .string(purpose),
            "only": .array(only.map(JSONValue.string)), "lasts_s": .integer(seconds),
        ]
    }

    init(_ fields: StrictFields) throws(FormError) {
        let made = AgentTokenRequest(
            agent: try fields.made("agent", "an agent's name", AgentName.init),
            purpose: try fields.string("purpose", length: Self.purposes),
            only: try fields.list("only", count: 0...ScopeSet.largestCount, "a name") {
                ExactText($0)
            }.map(\.text),
            seconds: try fields.integer("lasts_s", in: Self.lifetimes))
        guard let made else { throw fields.bad("only", "names, each once") }
        self = made
    }
}

extension PeopleDirectory {
    /// Takes an order to issue a token of an agent, which does not count again.
    package mutating func takeTokenRequest(
        _ accepted: AcceptedPeopleOrder, at now: Timestamp
    ) throws(PeopleRefusal) -> AgentTokenRequest {
        guard case .issueAgentToken(let request) = accepted.order.action else {
            throw .order(.otherKind)
        }
        try take(accepted.order, at: now)
        return request
    }
}
