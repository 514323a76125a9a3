import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import Synchronization

/// The reach of agents under the policy in force, computed once for each agent, its terms and its elevations.
final class AgentReachCache: Sendable {
    private struct Known {
        let facts: ReachMaker.Facts
        /// The minute since the epoch in which it was computed.
        let minute: Int64
        let reach: AgentReach
    }

    private struct State {
        var policy: PolicySnapshot?
        var maker: ReachMaker?
        var known: [AgentName: Known] = [:]
        /// The agents that a filter shows, valid in one minute.
        var selected: [MatrixFilter: [AgentName]] = [:]
        var selectedMinute: Int64 = 0
        var isFilling = false

        /// Forgets what was computed under another policy.
        mutating func turn(to next: PolicySnapshot) -> ReachMaker {
            if policy === next, let maker { return maker }
            let maker = ReachMaker(next)
            // A filling of the earlier policy ends by itself.
            self = State(policy: next, maker: maker)
            return maker
        }
    }

    static let mostSelections = 32
    private let state = Mutex(State())

    /// The known reach of some agents, and the facts about the others.
    struct Answer {
        var found: [AgentName: AgentReach] = [:]
        /// The agents in `found` whose reach is of an earlier minute and depends on the time. It can only have become
        /// smaller since, because it is about all times from then on.
        var stale: [AgentName: ReachMaker.Facts] = [:]
        /// The agents that are not in `found`.
        var missing: [AgentName: ReachMaker.Facts] = [:]
    }

    func known(
        _ agents: [AgentName: ReachMaker.Facts], under policy: PolicySnapshot, at now: Timestamp
    ) -> Answer {
        state.withLock { state in
            _ = state.turn(to: policy)
            var answer = Answer()
            for (name, facts) in agents {
                guard let known = state.known[name], known.facts == facts else {
                    answer.missing[name] = facts
                    continue
                }
                answer.found[name] = known.reach
                if known.reach.isTimed, known.minute != now.seconds / 60 {
                    answer.stale[name] = facts
                }
            }
            return answer
        }
    }

    /// Computes and keeps the reach of these agents, which takes a while.
    @discardableResult
    func compute(
        _ agents: [AgentName: ReachMaker.Facts], under policy: PolicySnapshot, at now: Timestamp
    ) -> [AgentName: AgentReach] {
        let maker = state.withLock { $0.policy === policy ? $0.maker : nil }
        let made = (maker ?? ReachMaker(policy)).reach(of: agents, at: now)
        state.withLock { state in
            guard state.policy === policy else { return }
            for (name, reach) in made {
                guard let facts = agents[name] else { continue }
                state.known[name] = Known(facts: facts, minute: now.seconds / 60, reach: reach)
            }
        }
        return made
    }

    /// Returns true if the caller has to compute the reach of all agents; false while another one does.
    func beginFilling(of policy: PolicySnapshot) -> Bool {
        state.withLock { state in
            _ = state.turn(to: policy)
            defer { state.isFilling = true }
            return !state.isFilling
        }
    }

    func endFilling(of policy: PolicySnapshot) {
        state.withLock { state in
            if state.policy === policy { state.isFilling = false }
        }
    }

    func selection(
        _ filter: MatrixFilter, under policy: PolicySnapshot, at now: Timestamp
    ) -> [AgentName]? {
        state.withLock { state in
            state.policy === policy && state.selectedMinute == now.seconds / 60
                ? state.selected[filter] : nil
        }
    }

    func keep(
        _ selection: [AgentName], of filter: MatrixFilter, under policy: PolicySnapshot,
        at now: Timestamp
    ) {
        state.withLock { state in
            guard state.policy === policy else { return }
            if state.selectedMinute != now.seconds / 60
                || state.selected.count >= Self.mostSelections
            {
                state.selected = [:]
                state.selectedMinute = now.seconds / 60
            }
            state.selected[filter] = selection
        }
    }
}
