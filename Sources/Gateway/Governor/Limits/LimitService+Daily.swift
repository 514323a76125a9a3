import InterlockLimits
import InterlockModel
import Synchronization

/// The limits of the configuration on what an agent takes in 24 hours.
///
/// INVARIANT: in no 24 hours an agent gets more bytes of results than the limit, and no more tokens of its model are
/// sampled, also over a restart. Kept by `DailyLimitTests`, `test_limits.py`.
extension LimitService {
    /// - Throws: the limit, if it is used up.
    func check(_ limit: DailyLimit, of agent: AgentName, most: Int64) throws(LimitExceeded) {
        try change(limit.demand(1, most: most), of: agent) { table, demand, _ in
            table.giveBack([demand], of: agent)
        }
    }

    /// Counts what the agent is about to take.
    ///
    /// - Throws: the limit, if it would be exceeded; then nothing is counted.
    func take(
        _ amount: Int64, _ limit: DailyLimit, of agent: AgentName, most: Int64
    ) throws(LimitExceeded) {
        try change(limit.demand(amount, most: most), of: agent) { table, demand, now in
            table.use([demand], of: agent, at: now)
        }
    }

    /// Reserves the demand, and ends the reservation by `end`.
    private func change(
        _ demand: LimitDemand, of agent: AgentName,
        _ end: (inout LimitTable, LimitDemand, Timestamp) -> Void
    ) throws(LimitExceeded) {
        let now = now
        try state.withLock { state throws(LimitExceeded) in
            try state.table.hold([demand], of: agent, at: now)
            end(&state.table, demand, now)
        }
    }
}
