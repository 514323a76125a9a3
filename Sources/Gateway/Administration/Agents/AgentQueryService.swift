package import InterlockGovernor
import InterlockModel
import InterlockPolicy
import Synchronization

/// Agents for readers on the people plane, assembled from the gateway's components.
package final class AgentQueryService: Sendable {
    let gateway: Gateway
    let elevations: ElevationService
    let aside: Aside
    /// The time since which the tally counts.
    let countedSince: Timestamp
    let worstCases = Mutex(WorstCaseCache())
    private let hour = Mutex(RefusalHour())

    /// Runs slow work on another thread; returns false, without running it, if too much work waits.
    package typealias Aside = @Sendable (@escaping @Sendable () -> Void) -> Bool

    package init(gateway: Gateway, elevations: ElevationService, aside: @escaping Aside) {
        self.gateway = gateway
        self.elevations = elevations
        self.aside = aside
        countedSince = gateway.clock.wall
    }

    /// Adds new refusals to the last hour. Called about once a second.
    package func sweep() {
        var counters: [AgentName: Int64] = [:]
        for (denial, count) in gateway.tally.denials { counters[denial.agent, default: 0] += count }
        hour.withLock { $0.note(counters, at: gateway.clock.boot) }
    }
}

extension AgentQueryService: AgentQueries {
    package func agents(_ filter: AgentFilter, page: Int, for sight: Visibility) -> AgentListing {
        let policy = gateway.policy.snapshot
        let moment = moment(under: policy)
        let found = policy.roster.all.filter { sight.sees($0.name) && filter.passes($0, moment) }
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
