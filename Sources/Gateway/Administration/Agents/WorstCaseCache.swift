import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

/// Recently computed worst cases: computing one means solving guards, and a page that refreshes itself asks repeatedly.
struct WorstCaseCache {
    struct Key: Hashable {
        let policy: Digest
        let agent: AgentName
        let trust: AgentTerms.Trust
        /// The elevations of the store for the agent.
        let elevations: [StoreElevation]
        /// The minute since the epoch. Elevations in the policy end, so a result is valid for a minute only.
        let minute: Int64

        init(
            _ agent: AgentName, _ policy: Digest, _ trust: AgentTerms.Trust,
            _ elevations: [StoreElevation], at now: Timestamp
        ) {
            self.agent = agent
            self.policy = policy
            self.trust = trust
            self.elevations = elevations
            minute = now.seconds / 60
        }
    }

    static let most = 64
    private var known: [Key: WorstCase] = [:]

    subscript(key: Key) -> WorstCase? {
        get { known[key] }
        set {
            known = known.filter { $0.key.minute == key.minute && $0.key.policy == key.policy }
            if known.count >= Self.most { known = [:] }
            known[key] = newValue
        }
    }
}
