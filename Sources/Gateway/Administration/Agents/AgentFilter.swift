package import InterlockModel

/// Which agents somebody asks for; what is nil says nothing.
package struct AgentFilter: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case stopped, busy, held, refused, due, faulty
    }

    /// A part of it; so is `owner`.
    package var name: String?
    package var owner: String?
    package var tier: Tier?
    package var stage: TrustStage?
    package var state: State?
    /// Has a scope of this server.
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
