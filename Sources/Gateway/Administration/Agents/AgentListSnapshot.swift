import InterlockGovernor
import InterlockLimits
package import InterlockModel
import InterlockPolicy

/// The state that a list shows for all agents, read once.
struct AgentListSnapshot {
    let now: Timestamp
    private let gateway: Gateway
    private let policy: PolicySnapshot
    private let hour: AgentHour
    private let boot: BootTime
    private let flying: [AgentName: Int]
    private let held: [AgentName: Int]

    init(_ gateway: Gateway, _ policy: PolicySnapshot, hour: AgentHour) {
        self.gateway = gateway
        self.policy = policy
        self.hour = hour
        let reading = gateway.clock.now
        (now, boot) = (reading.wall, reading.boot)
        flying = gateway.inFlight.all.reduce(into: [:]) { $0[$1.principal.agent, default: 0] += 1 }
        held = gateway.breakers.held.reduce(into: [:]) { $0[$1.agent, default: 0] += 1 }
    }

    func line(of agent: AgentEntry) -> AgentSummary {
        AgentSummary(
            name: agent.name, owner: agent.owner, tier: agent.tier, stage: stage(of: agent),
            reviewBy: reviewDay(of: agent), review: review(of: agent),
            faults: terms(of: agent).held,
            halt: halt(of: agent), heldRuns: held[agent.name] ?? 0,
            callsInFlight: flying[agent.name] ?? 0, lastHour: hour[agent.name],
            minutes: hour.series(of: agent.name, at: boot))
    }

    func stage(of agent: AgentEntry) -> TrustStage { terms(of: agent).stage }

    /// Returns the agents in an order. Those that are equal in it keep the order that they have.
    func sorted(_ agents: [AgentEntry], by order: AgentFilter.Sorting) -> [AgentEntry] {
        switch order.column {
        case .name: order.sorted(agents) { $0.name }
        case .owner: order.sorted(agents) { $0.owner?.address }
        case .tier: order.sorted(agents) { $0.tier }
        case .stage: order.sorted(agents) { stage(of: $0) }
        case .review: order.sorted(agents) { reviewDay(of: $0) }
        case .calls: order.sorted(agents) { flying[$0.name] ?? 0 }
        case .denied: order.sorted(agents) { denied($0) }
        }
    }

    private func terms(of agent: AgentEntry) -> AgentTerms {
        agent.terms(gateway.trust(of: agent.name))
    }

    func has(_ state: AgentFilter.State, _ agent: AgentEntry) -> Bool {
        switch state {
        case .stopped: halt(of: agent) != nil
        case .busy: flying[agent.name] != nil
        case .held: held[agent.name] != nil
        case .refused: hour[agent.name].refused > 0
        case .due: gateway.isReviewDue(agent, at: now)
        case .faulty: !terms(of: agent).held.isEmpty
        }
    }

    /// The agents that were denied calls in the last hour, in no order.
    var refused: [AgentEntry] { hour.refused.compactMap { policy.agents[$0] } }

    /// The number of its calls that were denied in the last hour.
    func denied(_ agent: AgentEntry) -> Int64 { hour[agent.name].refused }

    /// The last day of the next review: by the policy file, or the reviews on record.
    private func reviewDay(of agent: AgentEntry) -> CivilDate? {
        gateway.reviewDue(of: agent).map { ($0 - Duration.seconds(1)).day }
    }

    private func review(of agent: AgentEntry) -> AgentSummary.Review {
        if gateway.isOverdue(agent, at: now) || gateway.reviewState(of: agent, at: now) == .overdue
        {
            return .overdue
        }
        return gateway.isReviewDue(agent, at: now) ? .due : .inTime
    }

    private func halt(of agent: AgentEntry) -> OrderID? { gateway.halt(of: agent.name) }
}

extension AgentFilter {
    /// Returns the test of an agent, which tests the cheapest conditions first.
    func test(at moment: AgentListSnapshot) -> (AgentEntry) -> Bool {
        // The texts are read once for all agents.
        let (name, owner) = (name.map(SearchedText.init), owner.map(SearchedText.init))
        return { agent in
            (tier.map { $0 == agent.tier } ?? true)
                && (name.map { $0.isIn(agent.name.text) } ?? true)
                && (owner.map { owner in agent.owner.map { owner.isIn($0.address) } ?? false }
                    ?? true)
                && (stage.map { $0 == moment.stage(of: agent) } ?? true)
                && (state.map { moment.has($0, agent) } ?? true)
                && (server.map { agent.scopedServers.contains($0) } ?? true)
        }
    }
}

/// A filter of agents, and the order of those that it leaves; a nil field does not restrict it.
package struct AgentFilter: Sendable, Hashable {
    package typealias Sorting = ListOrder<Column>

    /// The columns by which the list can be ordered.
    package enum Column: String, Sendable, CaseIterable {
        case name, owner, tier, stage, review
        /// The calls in progress.
        case calls
        /// The calls that were denied in the last hour.
        case denied
    }

    package enum State: String, Sendable, CaseIterable {
        case stopped, busy, held, refused, due, faulty
    }

    /// A part of the agent's name, in letters of either case; `owner` likewise is a part of the owner's address.
    package var name: String?
    package var owner: String?
    package var tier: Tier?
    package var stage: TrustStage?
    package var state: State?
    /// Matches agents with a scope of this server.
    package var server: ServerName?
    /// Is nil for the order by name.
    package var order: Sorting?

    package init(
        name: String? = nil, owner: String? = nil, tier: Tier? = nil, stage: TrustStage? = nil,
        state: State? = nil, server: ServerName? = nil, order: Sorting? = nil
    ) {
        self.order = order
        self.name = name
        self.owner = owner
        self.tier = tier
        self.stage = stage
        self.state = state
        self.server = server
    }

    /// True if it leaves all agents, in whatever order.
    package var isEmpty: Bool {
        var filter = self
        filter.order = nil
        return filter == AgentFilter()
    }
}
