package import InterlockModel

/// A filter of agents; a nil field does not restrict it.
package struct AgentFilter: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case stopped, busy, held, refused, due, faulty
    }

    /// A part of the agent's name; `owner` likewise is a part of the owner's address.
    package var name: String?
    package var owner: String?
    package var tier: Tier?
    package var stage: TrustStage?
    package var state: State?
    /// Matches agents with a scope of this server.
    package var server: ServerName?

    package init(
        name: String? = nil, owner: String? = nil, tier: Tier? = nil, stage: TrustStage? = nil,
        state: State? = nil, server: ServerName? = nil
    ) {
        self.name = name
        self.owner = owner
        self.tier = tier
        self.stage = stage
        self.state = state
        self.server = server
    }
}
