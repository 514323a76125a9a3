package import InterlockModel
package import InterlockPolicy

/// Everything that pages show about one server.
package struct ServerDetail: Sendable {
    package static let toolsOfPage = 50
    package static let mostAgents = 50

    package let at: Timestamp
    package let standing: ServerStatus
    package var review: ServerReview?
    /// The location of its description in the policy.
    package var place: PolicyLocation?
    package var environment: String = ""
    /// The version in the lock, as the server stated it at review.
    package var version: String?
    package var protocolVersion: String?
    /// The server's instructions to models if they differ from the lock, empty if they were removed; otherwise nil.
    package var otherInstructions: String?
    /// One page of its tools: first those that need attention, then by name.
    package var tools: [ServerTool] = []
    /// The number of the page, from 1.
    package var page: Int = 1
    package var pages: Int = 1
    package var toolCount: Int = 0
    package var faultCount: Int = 0
    /// The visible agents with a scope of it, by name, at most `mostAgents`.
    package var agents: [AgentName] = []
    package var agentCount: Int = 0
    /// The actions that this person may perform now.
    package var deeds: Set<ServerAction> = []
}
