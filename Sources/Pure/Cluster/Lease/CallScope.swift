package import InterlockJSON
package import InterlockModel

/// The parts of one call that entries can stop: caller, run, token and tool.
package struct CallScope: Hashable, Sendable {
    package let agent: AgentName
    package let owner: Pseudonym
    package let run: RunID
    /// The id of the agent's token (`jti`).
    package let token: ExactText
    package let tool: ToolAddress
    /// The policy revision under which the call was decided; nil if there never was one.
    package let revision: Digest?

    package init(
        agent: AgentName, owner: Pseudonym, run: RunID, token: ExactText, tool: ToolAddress,
        revision: Digest?
    ) {
        self.agent = agent
        self.owner = owner
        self.run = run
        self.token = token
        self.tool = tool
        self.revision = revision
    }
}

/// The reason why a call may not be sent by the entries that were applied.
package enum ScopeRefusal: Hashable, Sendable {
    case halted(HaltOrder)
    case runEnded
    case tokenEnded
    case paused
    case quarantined
    /// The policy has changed since the call was decided: it is decided again.
    case otherRevision
}

extension ChainState {
    /// Returns the first reason why a call of this scope may not be sent; nil if it may. A halt comes before all else.
    package func refusal(of scope: CallScope) -> ScopeRefusal? {
        if let halt = halts.match(
            agent: scope.agent, owner: scope.owner, server: scope.tool.server, tool: scope.tool,
            run: scope.run)
        {
            return .halted(halt)
        }
        if runsEnded.contains(scope.run) { return .runEnded }
        if tokensEnded.contains(scope.token) { return .tokenEnded }
        if pauses[scope.run] != nil { return .paused }
        if quarantines[scope.tool.server] != nil { return .quarantined }
        return scope.revision == revision ? nil : .otherRevision
    }
}
