package import InterlockJSON
package import InterlockModel

/// What is asked: may this agent make this call. The arguments are the canonical tree that would be
/// sent, already validated against the pinned schema and without what obligations take out of them.
package struct DecisionRequest: Sendable {
    package let agent: AgentName
    package let address: ToolAddress
    package let arguments: JSONValue
    /// The argument that a completion of the prompt or resource asks for; nil for the thing itself.
    package let completes: String?

    package init(
        agent: AgentName, address: ToolAddress, arguments: JSONValue, completes: String? = nil
    ) {
        self.completes = completes
        self.agent = agent
        self.address = address
        self.arguments = arguments.integersUnified
    }
}

/// What is known about the call beside the policy; all of it is recorded, so a decision replays.
package struct DecisionFacts: Sendable {
    /// The order that halts the agent, its owner, the run, the server, the tool or everything.
    package var halted: OrderID?
    /// The server or tool has no pin, or differs from it.
    package var quarantined: Bool
    /// The trust record's stage; without one at most supervised. The lower of it and the file's holds.
    package var effectiveStage: TrustStage
    package var onBehalfOf: Person?
    package var purposeDeclared: Bool
    /// The run has read untrusted content.
    package var tainted: Bool
    /// The call is attested as coming out of the agent's sandbox.
    package var sandboxed: Bool
    /// The elevations of the store, compiled under the policy that decides; nil: none.
    package var elevations: ElevationSet?
    /// What was used of each limit in its window, by the name that reservations have. nil: nobody
    /// counts, so an agent with limits is refused.
    package var counters: [String: Int64]?
    /// How much of each stated limit the agent's trust stage gives it (trust-and-review.md, section 2).
    package var quotaPercent: Int64 = 100
    /// Set where a breaker slows the run down or stops it (limits-and-monitoring.md, section 8).
    package var breaker: Breaker?

    package enum Breaker: String, Sendable { case throttled, paused }
    /// Off where a review that is late must not hide what is tested.
    var reviewsCount = true

    package init(
        halted: OrderID? = nil, quarantined: Bool = false, effectiveStage: TrustStage = .supervised,
        onBehalfOf: Person? = nil, purposeDeclared: Bool = true, tainted: Bool = false,
        sandboxed: Bool = false, elevations: ElevationSet? = nil, counters: [String: Int64]? = nil
    ) {
        self.halted = halted
        self.quarantined = quarantined
        self.effectiveStage = effectiveStage
        self.onBehalfOf = onBehalfOf
        self.purposeDeclared = purposeDeclared
        self.tainted = tainted
        self.sandboxed = sandboxed
        self.elevations = elevations
        self.counters = counters
    }
}
