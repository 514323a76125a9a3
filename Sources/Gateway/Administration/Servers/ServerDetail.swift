package import InterlockModel
package import InterlockPolicy

/// Everything that pages show about one server.
package struct ServerDetail: Sendable {
    package static let toolsOfPage = 50
    package static let mostAgents = 50

    package let at: Timestamp
    package let standing: ServerStatus
    package let review: ServerReview?
    /// The location of its description in the policy.
    package let place: PolicyLocation?
    package let environment: String
    /// The version in the lock, as the server stated it at review.
    package let version: String?
    package let protocolVersion: String?
    /// The server's instructions to models if they differ from the lock, empty if they were removed; otherwise nil.
    package let otherInstructions: String?
    /// One page of its tools: first those that need attention, then by name.
    package let tools: [ServerTool]
    /// The number of the page, from 1.
    package let page: Int
    package let pages: Int
    package let toolCount: Int
    package let faultCount: Int
    /// The visible agents with a scope of it, by name, at most `mostAgents`.
    package let agents: [AgentName]
    package let agentCount: Int
    /// The actions that this person may perform now.
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
