import InterlockModel
import InterlockPolicyReview
import Synchronization

/// The lines of rules that were shown lately, by their location in one revision: reading them from the stored files
/// takes the whole policy.
final class PolicyExcerptCache: Sendable {
    private struct State {
        var bundle: Digest?
        var known: [PolicyLocation: PolicyExcerpt] = [:]
    }

    static let most = 256
    private let state = Mutex(State())

    func known(_ place: PolicyLocation, of bundle: Digest) -> PolicyExcerpt? {
        state.withLock { $0.bundle == bundle ? $0.known[place] : nil }
    }

    func keep(_ excerpt: PolicyExcerpt, at place: PolicyLocation, of bundle: Digest) {
        state.withLock { state in
            if state.bundle != bundle || state.known.count >= Self.most {
                state = State(bundle: bundle)
            }
            state.known[place] = excerpt
        }
    }
}
