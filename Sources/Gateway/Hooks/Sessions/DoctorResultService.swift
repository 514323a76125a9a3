package import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
package import InterlockPorts
import Synchronization

/// Keeps the newest result of `doctor` of each agent and host, as the agent's user reported it. A result is on record before
/// it counts, and the log brings it back after a restart.
///
/// A user can report what was not found. That gives an agent no more than it has: `doctor` tells its user of settings that the
/// user, and so the agent, could change right after it (docs/decisions/0115-what-the-policy-helper-checks.md).
package final class DoctorResultService: Sendable {
    private struct Key: Hashable {
        let agent: AgentName
        let host: HookHost
    }

    private struct Entry {
        let state: DoctorState
        let at: Timestamp
    }

    private struct State {
        var newest: [Key: Entry] = [:]
        /// Is nil until the log was read, and again if it could not be.
        var reading: Task<Bool, Never>?

        /// A result of an earlier process does not replace one of this process.
        mutating func add(earlier entry: Entry, _ key: Key) {
            guard newest[key].map({ $0.at < entry.at }) ?? true else { return }
            newest[key] = entry
        }
    }

    private let gateway: Gateway
    private let earlier: any DoctorResultReader
    private let state = Mutex(State())
    private let limiter = Mutex(AgentRateLimiter.doctorResults)

    /// - Parameter earlier: reads this node's log, when the first host asks.
    package init(_ gateway: Gateway, earlier: any DoctorResultReader) {
        self.gateway = gateway
        self.earlier = earlier
    }

    /// The refusal of a result for the agent's rate.
    struct RateRefusal {
        /// True for the first refusal of the agent in a minute.
        let isFirst: Bool
    }

    /// Counts one more result of an agent: each is a durable record, and its user can report in a loop.
    ///
    /// - Returns: nil if the result is to be recorded.
    func take(_ agent: AgentName) -> RateRefusal? {
        let now = gateway.clock.boot
        return limiter.withLock { limiter in
            guard !limiter.take(agent, at: now) else { return nil }
            return RateRefusal(isFirst: limiter.refuse(agent, at: now))
        }
    }

    /// Durable on return; a result that is not on record does not count.
    func record(_ result: DoctorResult, of agent: AgentName) async throws(LedgerRefusal) {
        let at = gateway.clock.wall
        _ = try await gateway.ledger.append(
            gateway.records.record(
                .hostChecked, run: nil,
                fields: [
                    "agent": .string(agent.text), "host": .string(result.host.rawValue),
                    "st": .string(result.state.name),
                ], sealing: []))
        state.withLock {
            $0.newest[Key(agent: agent, host: result.host)] = Entry(state: result.state, at: at)
        }
    }

    /// Returns the newest results of an agent. One from the future, by a clock that was set back, is left out; all of earlier
    /// processes are while the log cannot be read.
    func results(of agent: AgentName) async -> [HookHost: HostStatus.Checked] {
        await readEarlier()
        let now = gateway.clock.wall
        return state.withLock { state in
            var found: [HookHost: HostStatus.Checked] = [:]
            for (key, entry) in state.newest where key.agent == agent && entry.at <= now {
                found[key.host] = HostStatus.Checked(
                    state: entry.state, ageSeconds: (now - entry.at).components.seconds)
            }
            return found
        }
    }

    private func readEarlier() async {
        let reading = state.withLock { state in
            if let reading = state.reading { return reading }
            let reading = Task { await self.read() }
            state.reading = reading
            return reading
        }
        if await !reading.value { state.withLock { $0.reading = nil } }
    }

    /// - Returns: false if the log cannot be read; the next host that asks makes it be read again.
    private func read() async -> Bool {
        guard let leaves = try? await earlier.results() else { return false }
        state.withLock { state in
            for leaf in leaves {
                // A host or a result that this version does not know says nothing to it.
                guard let agent = leaf["agent"]?.string.flatMap({ AgentName($0) }),
                    let host = leaf["host"]?.string.flatMap({ HookHost(rawValue: $0) }),
                    let reported = leaf["st"]?.string.flatMap({ DoctorState(name: $0) }),
                    let at = leaf["ts"]?.integer
                else { continue }
                state.add(
                    earlier: Entry(state: reported, at: Timestamp(microseconds: at)),
                    Key(agent: agent, host: host))
            }
        }
        return true
    }
}
