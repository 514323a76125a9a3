package import InterlockGovernor
import InterlockModel
import InterlockPolicy
import Synchronization

/// The agents as people on the people plane see them, out of the parts that know.
package final class AgentQueryService: Sendable {
    let gateway: Gateway
    let elevations: ElevationService
    let aside: Aside
    /// Since when the tally counts.
    let countedSince: Timestamp
    let worstCases = Mutex(WorstCaseCache())
    private let hour = Mutex(RefusalHour())

    /// Runs what takes long on a thread of its own; false when too much waits for it.
    package typealias Aside = @Sendable (@escaping @Sendable () -> Void) -> Bool

    package init(
        gateway: Gateway, elevations: ElevationService, aside: @escaping Aside
    ) {
        self.gateway = gateway
        self.elevations = elevations
        self.aside = aside
        countedSince = gateway.clock.wall
    }

    /// Once a second or so.
    package func sweep() {
        var counters: [AgentName: Int64] = [:]
        for (denial, count) in gateway.tally.denials { counters[denial.agent, default: 0] += count }
        hour.withLock { $0.note(counters, at: gateway.clock.boot) }
    }
}

extension AgentQueryService: AgentQueries {
    package func agents(
        _ filter: AgentFilter, page: Int, for sight: Visibility
    ) -> AgentListing {
        let policy = gateway.policy.snapshot
        let moment = moment(under: policy)
        let found = policy.roster.all.filter {
            sight.sees($0.name) && filter.passes($0, moment)
        }
        let size = AgentListing.pageSize
        let pages = max(1, (found.count + size - 1) / size)
        let page = min(max(1, page), pages)
        return AgentListing(
            lines: found.dropFirst((page - 1) * size).prefix(size).map(moment.line), page: page,
            pages: pages, count: found.count, isIncomplete: gateway.tally.dropped > 0)
    }

    func moment(under policy: PolicySnapshot) -> AgentListSnapshot {
        AgentListSnapshot(gateway, policy, refused: hour.withLock { $0 })
    }
}
