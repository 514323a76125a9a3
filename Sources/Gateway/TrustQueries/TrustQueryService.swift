package import InterlockEvidence
package import InterlockGovernor
package import InterlockModel
package import InterlockPolicy
package import InterlockTrust
import Synchronization

/// The trust of agents for readers on the people plane. Stages are read from memory. Criteria and changes are read from
/// the log, which takes as long as reading all of it: on another thread, only if a person looks, and at most once in
/// `freshness`.
package final class TrustQueryService: Sendable {
    /// Reads the record of each agent of a policy from the log; returns nil if the log cannot be read.
    package typealias RecordReading =
        @Sendable (PolicySnapshot) async -> [AgentName: AgentTrustRecord]?

    /// Returns the stage of an agent with what it rests on, from memory.
    package typealias Stages = @Sendable (AgentName) -> StageStatus

    /// The age from which a record is read again.
    package static let freshness = Duration.seconds(300)

    private struct State {
        var records: [AgentName: AgentTrustRecord] = [:]
        /// The end of the last reading; nil before it.
        var read: BootTime?
        /// The policy of the last reading.
        var policy: Digest?
        var isReading = false
        var hasFailed = false

        func isDue(_ policy: Digest, at now: BootTime) -> Bool {
            guard !isReading else { return false }
            guard let read, self.policy == policy else { return true }
            return now - read >= TrustQueryService.freshness
        }
    }

    private let gateway: Gateway
    private let stages: Stages
    private let reading: RecordReading
    private let state = Mutex(State())

    package init(gateway: Gateway, stages: @escaping Stages, reading: @escaping RecordReading) {
        self.gateway = gateway
        self.stages = stages
        self.reading = reading
    }

    private func refresh(_ policy: PolicySnapshot) {
        let now = gateway.clock.boot
        let isDue = state.withLock { state -> Bool in
            guard state.isDue(policy.digest, at: now) else { return false }
            state.isReading = true
            return true
        }
        guard isDue else { return }
        Task {
            let records = await reading(policy)
            let end = gateway.clock.boot
            state.withLock { state in
                state.isReading = false
                state.read = end
                state.policy = policy.digest
                state.hasFailed = records == nil
                if let records { state.records = records }
            }
        }
    }
}

extension TrustQueryService: TrustQueries {
    package func trust(of agent: AgentName, for visibility: Visibility) -> AgentTrustDetail? {
        let policy = gateway.policy.snapshot
        guard visibility.sees(agent), let terms = gateway.terms(of: agent, in: policy) else {
            return nil
        }
        refresh(policy)
        let status = stages(agent)
        return state.withLock { state in
            AgentTrustDetail(
                agent: agent, terms: terms, status: status, record: state.records[agent],
                isReading: state.isReading, hasFailed: state.hasFailed)
        }
    }
}
