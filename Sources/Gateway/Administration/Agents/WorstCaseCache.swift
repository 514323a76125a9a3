import InterlockModel
import InterlockPolicy

/// Worst cases that were computed lately: guards are looked into for it, and a page that brings itself up to date
/// asks again and again.
struct WorstCaseCache {
    struct Key: Hashable {
        let policy: Digest
        let agent: AgentName
        /// Elevations of the policy end, so an answer is good for a while.
        let minute: Int64

        init(_ agent: AgentName, _ policy: Digest, at now: Timestamp) {
            self.agent = agent
            self.policy = policy
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
