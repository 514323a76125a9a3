package import InterlockModel
package import InterlockPolicy

/// All that pages tell of one server.
package struct ServerDetail: Sendable {
    package static let toolsOfPage = 50
    package static let mostAgents = 50

    package let at: Timestamp
    package let standing: ServerStatus
    package let review: ServerReview?
    /// Where the policy describes it.
    package let place: PolicyLocation?
    package let environment: String
    /// The version that the lock has, as the server said it at review.
    package let version: String?
    package let protocolVersion: String?
    /// What the server tells every model, where it differs from the lock; empty where it tells nothing any more.
    package let otherInstructions: String?
    /// What a person has to look at first, then by name.
    package let tools: [ServerTool]
    /// Of the tools, from 1.
    package let page: Int
    package let pages: Int
    package let toolCount: Int
    package let faultCount: Int
    /// Those that have a scope of it and that the person sees, by name: as many as a page has room for.
    package let agents: [AgentName]
    package let agentCount: Int
    /// What this person may do about it.
    package let deeds: Set<ServerAction>

    package init(
        at: Timestamp, standing: ServerStatus, review: ServerReview? = nil,
        place: PolicyLocation? = nil, environment: String = "", version: String? = nil,
        protocolVersion: String? = nil, otherInstructions: String? = nil,
        tools: [ServerTool] = [], page: Int = 1, pages: Int = 1, toolCount: Int = 0,
        faultCount: Int = 0, agents: [AgentName] = [], agentCount: Int = 0,
        deeds: Set<ServerAction> = []
    ) {
        self.at = at
        self.standing = standing
        self.review = review
        self.place = place
        self.environment = environment
        self.version = version
        self.protocolVersion = protocolVersion
        self.otherInstructions = otherInstructions
        self.tools = tools
        self.page = page
        self.pages = pages
        self.toolCount = toolCount
        self.faultCount = faultCount
        self.agents = agents
        self.agentCount = agentCount
        self.deeds = deeds
    }
}
