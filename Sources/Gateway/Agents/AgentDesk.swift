import InterlockLimits
import InterlockModel
import InterlockPolicy
import Synchronization

/// The agents as people on the people plane see them, out of the parts that know.
package final class AgentDesk: Sendable {
    let gateway: Gateway
    let elevations: ElevationDesk
    /// nil where there is no index to look into.
    let trail: (any AgentTrail)?
    let notEnforced: @Sendable () -> [String]
    let aside: Aside
    /// Since when the tally counts.
    let countedSince: Timestamp
    let worstCases = Mutex(WorstCaseBook())
    private let hour = Mutex(RefusalHour())
    private let order = Mutex<(policy: Digest, agents: [AgentEntry])?>(nil)

    /// Runs what takes long on a thread of its own; false when too much waits for it.
    package typealias Aside = @Sendable (@escaping @Sendable () -> Void) -> Bool

    package init(
        gateway: Gateway, elevations: ElevationDesk, trail: (any AgentTrail)?,
        notEnforced: @escaping @Sendable () -> [String], aside: @escaping Aside
    ) {
        self.gateway = gateway
        self.elevations = elevations
        self.trail = trail
        self.notEnforced = notEnforced
        self.aside = aside
        countedSince = gateway.clock.wall
    }

    /// Once a second or so.
    package func sweep() {
        var counters: [AgentName: Int64] = [:]
        for (denial, count) in gateway.tally.denials { counters[denial.agent, default: 0] += count }
        hour.withLock { $0.note(counters, at: gateway.clock.boot) }
    }

    /// By name; made once for each policy.
    private func agents(of policy: PolicySnapshot) -> [AgentEntry] {
        if let known = order.withLock({ $0 }), known.policy == policy.digest { return known.agents }
        let sorted = policy.agents.values.sorted { $0.name < $1.name }
        order.withLock { $0 = (policy.digest, sorted) }
        return sorted
    }
}

extension AgentDesk: AgentSource {
    package func agents(
        _ filter: AgentFilter, page: Int, for sight: Sight
    ) -> AgentListing {
        let policy = gateway.policy.snapshot
        let moment = moment(under: policy)
        let found = agents(of: policy).filter {
            sight.sees($0.name) && filter.passes($0, moment)
        }
        let size = AgentListing.pageSize
        let pages = max(1, (found.count + size - 1) / size)
        let page = min(max(1, page), pages)
        return AgentListing(
            lines: found.dropFirst((page - 1) * size).prefix(size).map(moment.line), page: page,
            pages: pages, count: found.count, isIncomplete: gateway.tally.dropped > 0)
    }

    func moment(under policy: PolicySnapshot) -> AgentMoment {
        AgentMoment(gateway, policy, refused: hour.withLock { $0 })
    }
}

/// What is looked at for all agents of one list, taken once.
struct AgentMoment {
    let now: Timestamp
    private let gateway: Gateway
    private let policy: PolicySnapshot
    private let refused: RefusalHour
    private let flying: [AgentName: Int]
    private let held: [AgentName: Int]

    init(_ gateway: Gateway, _ policy: PolicySnapshot, refused: RefusalHour) {
        self.gateway = gateway
        self.policy = policy
        self.refused = refused
        now = gateway.clock.wall
        flying = gateway.inFlight.all.reduce(into: [:]) { $0[$1.principal.agent, default: 0] += 1 }
        held = gateway.breakers.held.reduce(into: [:]) { $0[$1.agent, default: 0] += 1 }
    }

    func line(of agent: AgentEntry) -> AgentLine {
        AgentLine(
            name: agent.name, owner: agent.owner, tier: agent.tier, stage: stage(of: agent),
            reviewBy: agent.reviewBy, review: review(of: agent), faults: agent.incomplete,
            halt: halt(of: agent), heldRuns: held[agent.name] ?? 0,
            callsInFlight: flying[agent.name] ?? 0, refused: refused[agent.name])
    }

    func stage(of agent: AgentEntry) -> Stage { gateway.stage(of: agent.name, in: policy) }

    func has(_ state: AgentFilter.State, _ agent: AgentEntry) -> Bool {
        switch state {
        case .stopped: halt(of: agent) != nil
        case .busy: flying[agent.name] != nil
        case .held: held[agent.name] != nil
        case .refused: refused[agent.name] > 0
        case .due: agent.isReviewDue(at: now)
        case .faulty: !agent.incomplete.isEmpty
        }
    }

    private func review(of agent: AgentEntry) -> AgentLine.Review {
        if agent.isOverdue(at: now) { return .overdue }
        return agent.isReviewDue(at: now) ? .due : .inTime
    }

    private func halt(of agent: AgentEntry) -> OrderID? {
        gateway.halts.match(
            agent: agent.name, owner: gateway.policy.owner(of: agent.name), server: nil, tool: nil,
            run: nil)
    }
}

extension AgentFilter {
    /// What costs least is asked first.
    fileprivate func passes(_ agent: AgentEntry, _ moment: AgentMoment) -> Bool {
        (tier.map { $0 == agent.tier } ?? true)
            && (name.map { agent.name.text.contains($0) } ?? true)
            && (owner.map { agent.owner?.address.contains($0) ?? false } ?? true)
            && (stage.map { $0 == moment.stage(of: agent) } ?? true)
            && (state.map { moment.has($0, agent) } ?? true)
            && (server.map { agent.scopedServers.contains($0) } ?? true)
    }
}
