package import InterlockEvidence
package import InterlockGovernor
import InterlockLedger
import InterlockLimits
package import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import Synchronization

/// Agents for readers on the people plane, assembled from the gateway's components.
package final class AgentQueryService: Sendable {
    let gateway: Gateway
    let elevations: ElevationService
    let aside: Aside
    /// The time since which the tally counts.
    let countedSince: Timestamp
    let worstCases = Mutex(WorstCaseCache())
    private let hour = Mutex(AgentHour())

    /// Runs slow work on another thread; returns false, without running it, if too much work waits.
    package typealias Aside = @Sendable (@escaping @Sendable () -> Void) -> Bool

    package init(gateway: Gateway, elevations: ElevationService, aside: @escaping Aside) {
        self.gateway = gateway
        self.elevations = elevations
        self.aside = aside
        countedSince = gateway.clock.wall
    }

    /// Adds new calls to the last hour. Called about once a second.
    package func sweep() {
        var counters: [AgentName: CallCounts] = [:]
        for (call, count) in gateway.tally.calls {
            if call.end == .deny {
                counters[call.agent, default: CallCounts()].refused += count
            } else {
                counters[call.agent, default: CallCounts()].done += count
            }
        }
        hour.withLock { $0.note(counters, at: gateway.clock.boot) }
    }

    /// Puts the calls of before the start of this process into the last hour.
    package func refill(_ recent: RecentCalls) {
        let now = gateway.clock.now
        hour.withLock { $0.refill(recent, at: now) }
    }
}

extension AgentQueryService: AgentQueries {
    package func agents(_ filter: AgentFilter, page: Int, for visibility: Visibility)
        -> AgentListing
    {
        let policy = gateway.policy.snapshot
        let moment = moment(under: policy)
        let test = filter.test(at: moment)
        let unordered = policy.roster.all.filter { visibility.sees($0.name) && test($0) }
        let found = filter.order.map { moment.sorted(unordered, by: $0) } ?? unordered
        let size = AgentListing.pageSize
        let pages = max(1, (found.count + size - 1) / size)
        let page = min(max(1, page), pages)
        return AgentListing(
            lines: found.dropFirst((page - 1) * size).prefix(size).map(moment.line), page: page,
            pages: pages, count: found.count, isIncomplete: gateway.tally.dropped > 0)
    }

    package func mostDenied(_ most: Int, for visibility: Visibility) -> [AgentSummary] {
        let moment = moment(under: gateway.policy.snapshot)
        return moment.refused.filter { visibility.sees($0.name) }
            .sorted { (moment.denied($1), $0.name) < (moment.denied($0), $1.name) }
            .prefix(most).map(moment.line)
    }

    func moment(under policy: PolicySnapshot) -> AgentListSnapshot {
        AgentListSnapshot(gateway, policy, hour: hour.withLock { $0 })
    }
}

extension AgentQueryService {
    private static let mostRuns = 50

    package func agent(_ name: AgentName, for visibility: Visibility) async -> AgentDetail? {
        let policy = gateway.policy.snapshot
        guard visibility.sees(name), let agent = policy.agents[name] else { return nil }
        let moment = moment(under: policy)
        let reach = await worstCase(of: name, under: policy, at: moment.now)
        let rights = gateway.rights(of: name, under: policy, reach)
        let uses = gateway.uses(of: name, rights.map(\.address))
        let servers = Set(agent.scopedServers)
        return AgentDetail(
            at: moment.now, line: moment.line(of: agent),
            terms: agent.terms(gateway.trust(of: name)),
            purpose: agent.purpose,
            place: agent.place, workload: agent.workloads?.description ?? WorkloadBinding.weak,
            policy: policy.digest, rights: zip(rights, uses).map { (right: $0, use: $1) },
            countedSince: countedSince, isIncomplete: gateway.tally.dropped > 0,
            worstCase: reach,
            limits: gateway.limitStandings(of: name, under: policy)
                .map { $0.inUnits(of: policy) },
            controls: ControlPoint.all,
            guidance: policy.notEnforced(of: agent),
            holds: gateway.runHolds.filter { $0.agent == name },
            breakers: gateway.openBreakers.filter { servers.contains($0.server) },
            runs: runs(of: agent),
            tokens: gateway.runs.tokenEnds(of: name, after: moment.now).prefix(Self.mostRuns)
                .map { AgentTokenTerm(run: $0.run, until: $0.until) },
            elevations: openElevations(of: name, at: moment.now),
            reads: visibility.reads(name))
    }

    /// Solves the agent's guards on another thread, which takes a while. Returns nil if too much work waits there.
    private func worstCase(
        of name: AgentName, under policy: PolicySnapshot, at now: Timestamp
    ) async -> WorstCase? {
        let trust = gateway.trust(of: name)
        let store = gateway.elevations.compiled(under: policy)?.elevations(for: name) ?? []
        let key = WorstCaseCache.Key(name, policy.digest, trust, store, at: now)
        if let known = worstCases.withLock({ $0[key] }) { return known }
        let aside = aside
        let made: WorstCase? = await withCheckedContinuation { continuation in
            let isTaken = aside {
                continuation.resume(
                    returning:
                        WorstCase(policy, of: name, trust, store: store, at: now))
            }
            if !isTaken { continuation.resume(returning: nil) }
        }
        worstCases.withLock { $0[key] = made }
        return made
    }

    private func runs(of agent: AgentEntry) -> [RunStatus] {
        let flying = Dictionary(grouping: gateway.inFlight.all) { $0.principal.run }
        let owner = gateway.policy.owner(of: agent.name)
        return gateway.runs.all.filter { $0.agent == agent.name }
            .sorted { $0.run.text > $1.run.text }.prefix(Self.mostRuns)
            .map { run in
                RunStatus(
                    run: run.run, agent: agent.name, owner: agent.owner,
                    purpose: flying[run.run]?.first?.principal.purpose ?? agent.purpose,
                    calls: flying[run.run]?.count ?? 0,
                    halt: gateway.halts.match(
                        agent: agent.name, owner: owner, server: nil, tool: nil, run: run.run))
            }
    }

    private func openElevations(of name: AgentName, at now: Timestamp) -> [OpenElevation] {
        elevations.open.filter { $0.order.agent == name }.map { request in
            OpenElevation(
                request: request,
                isLive: request.state == .granted && request.proposal.fact.isLive(at: now),
                need: try? elevations.terms(of: request.order).need)
        }
    }
}

/// Read access to agents for pages.
package protocol AgentQueries: Sendable {
    /// - Parameter page: the page number, from 1; a number beyond the last page gives the last one.
    func agents(_ filter: AgentFilter, page: Int, for visibility: Visibility) -> AgentListing

    /// Returns at most this many agents that were denied calls in the last hour, most denied first.
    func mostDenied(_ most: Int, for visibility: Visibility) -> [AgentSummary]

    /// - Returns: nil if the agent does not exist or is not visible to this person.
    func agent(_ name: AgentName, for visibility: Visibility) async -> AgentDetail?
}
