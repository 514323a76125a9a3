package import InterlockLimits
package import InterlockModel

/// A decided call that needs units of the limits of its agent.
package struct LimitedCall: Sendable {
    package let call: CallID
    package let agent: AgentName
    package let demands: [LimitDemand]
    /// The limits among the demands that sum up an argument.
    package let sums: Set<LimitWindow>
    /// The class of the tool; nil if the tool is not listed.
    package let toolClass: ToolClass?
    package let effects: EffectSet
    /// The key of a call that waits for people: if its pending request has a reservation with the same demands, that
    /// reservation is the result. Nil if the call waits for none.
    package let question: LimitQuestion?
    /// The time by which the call is sent or refused: the end of the request that people decide, or of the checks
    /// before the call is sent. Units that were leased for the call alone are not kept for longer.
    package let end: BootTime

    package init(
        call: CallID, agent: AgentName, demands: [LimitDemand], sums: Set<LimitWindow> = [],
        toolClass: ToolClass?, effects: EffectSet = EffectSet(), question: LimitQuestion? = nil,
        end: BootTime
    ) {
        self.call = call
        self.agent = agent
        self.demands = demands
        self.sums = sums
        self.toolClass = toolClass
        self.effects = effects
        self.question = question
        self.end = end
    }
}
