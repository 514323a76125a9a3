package import InterlockApprovals
import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// Everything that pages show about one server.
package struct ServerDetail: Sendable {
    package static let toolsOfPage = 50
    package static let mostAgents = 50

    package let at: Timestamp
    package let status: ServerStatus
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
    package var actions: Set<ServerAction> = []
}

/// One tool, resource or prompt of a server: its policy, its reviewed form and its listed form.
package struct ServerTool: Sendable {
    package enum Pin: Sendable, Hashable {
        /// Offered: it is listed as it was reviewed.
        case pinned
        /// Offered: there is no lock, so the form first seen counts.
        case firstSeen
        /// Resources have no definition to pin.
        case unpinned
        /// Hidden: the listed form differs from the lock.
        case drifted
        /// Hidden: it is not in the lock.
        case new
        /// It is in the lock, but not listed.
        case gone
        /// Hidden, with the reason.
        case hidden(String)
        /// Not compared: the server's list is not known, the server is shut off without a lock, or only the policy has
        /// it.
        case unseen

        package var text: String {
            switch self {
            case .pinned: "pinned"
            case .firstSeen: "first seen"
            case .unpinned: "not pinned"
            case .drifted: "drifted"
            case .new: "new"
            case .gone: "gone"
            case .hidden: "hidden"
            case .unseen: "not seen"
            }
        }

        /// Every value of `text`.
        package static let texts = [
            "pinned", "first seen", "not pinned", "drifted", "new", "gone", "hidden", "not seen",
        ]

        /// True if it needs a person's attention.
        package var isFault: Bool {
            switch self {
            case .drifted, .new, .gone, .hidden: true
            case .pinned, .firstSeen, .unpinned, .unseen: false
            }
        }
    }

    /// The name as the server sent it, shortened, or the position in the list if it is not a valid name.
    package let name: String
    package var kind: FeatureKind = .tool
    /// The policy's entry, or nil if the policy does not name it, so that every call is denied.
    package let entry: ToolEntry?
    package let pin: Pin
    /// The description in the lock or as first seen, or nil if there is neither.
    package var description: String?
    package var review: LockReview?
    /// The changes from the reviewed to the listed form.
    package var changes: [JSONChange] = []
    /// The pin in the lock, or nil if the lock does not have the feature.
    package var pinned: Digest?
    /// The pin of what the server lists, which the lock would get; nil if it lists nothing that can be pinned.
    package var listed: Digest?
}
