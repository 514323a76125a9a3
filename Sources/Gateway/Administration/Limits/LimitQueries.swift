package import InterlockEvidence
package import InterlockGovernor
import InterlockLimits
package import InterlockModel
package import InterlockPolicy
import InterlockPolicyReview

/// Read access to limits and breakers for pages, with visibility applied. Reads memory only.
package protocol LimitQueries: Sendable {
    /// Returns the visible agents, by name, so that the caller can read a page of them.
    func limited(for visibility: Visibility) -> [AgentName]

    /// Returns nothing for an agent that is not visible or does not exist.
    func limits(of agent: AgentName, for visibility: Visibility) -> [LimitUsage]

    /// Returns the held runs that are visible, by id.
    func holds(for visibility: Visibility) -> [RunHold]

    /// The open breakers of servers and tools, by name; every signed-in person sees them.
    var breakers: [OpenBreaker] { get }
}

package struct LimitQueryService: LimitQueries {
    private let gateway: Gateway

    package init(gateway: Gateway) { self.gateway = gateway }

    package func limited(for visibility: Visibility) -> [AgentName] {
        visibility.seesAll ? gateway.policy.snapshot.agents.keys.sorted() : visibility.own.sorted()
    }

    package func limits(of agent: AgentName, for visibility: Visibility) -> [LimitUsage] {
        guard visibility.sees(agent) else { return [] }
        let policy = gateway.policy.snapshot
        return gateway.limitStandings(of: agent, under: policy).map { $0.inUnits(of: policy) }
    }

    package func holds(for visibility: Visibility) -> [RunHold] {
        gateway.runHolds.filter { visibility.sees($0.agent) }
    }

    package var breakers: [OpenBreaker] { gateway.openBreakers }
}

/// An agent's usage of one of its limits.
package struct LimitUsage: Sendable, Hashable {
    package let use: LimitUse
    /// The amount counted in the window that ends now.
    package let taken: Int64
    /// The limit at the agent's trust stage.
    package let most: Int64
    /// The amounts in the unit of the argument that is summed up; nil if the limit counts calls, or if no unit is
    /// declared.
    package var amounts: Amounts?

    package init(use: LimitUse, taken: Int64, most: Int64, amounts: Amounts? = nil) {
        self.use = use
        self.taken = taken
        self.most = most
        self.amounts = amounts
    }

    /// False before the first count after a start. Until then the limit admits no calls.
    package var isCounted: Bool { taken != .max }
    /// The amount that is left in the window.
    package var left: Int64 { isCounted ? max(0, most - taken) : 0 }

    /// Each amount in its unit; nil if calls may have several currencies, or nothing was counted yet.
    package struct Amounts: Sendable, Hashable {
        /// The argument and its unit: `amount_cents in minor units of args.currency`.
        package let unit: String
        package let taken: String?
        package let most: String?
        package let stated: String?
        package let left: String?

        package init(unit: String, taken: String?, most: String?, stated: String?, left: String?) {
            self.unit = unit
            self.taken = taken
            self.most = most
            self.stated = stated
            self.left = left
        }
    }
}

extension LimitUsage {
    /// The same usage with its amounts in the unit that the policy declares.
    func inUnits(of policy: PolicySnapshot) -> LimitUsage {
        guard let unit = LimitUnit(of: use, in: policy) else { return self }
        var usage = self
        usage.amounts = Amounts(
            unit: unit.sentence, taken: isCounted ? unit.text(of: taken) : nil,
            most: unit.text(of: most), stated: unit.text(of: use.stated),
            left: isCounted ? unit.text(of: left) : nil)
        return usage
    }
}

extension Gateway {
    /// Returns the usage of each limit, sorted by limit and window; those of the configuration come last.
    func limitStandings(of agent: AgentName, under policy: PolicySnapshot) -> [LimitUsage] {
        guard let terms = terms(of: agent, in: policy) else { return [] }
        let uses = policy.limits(of: agent).sorted { ($0.key, $0.seconds) < ($1.key, $1.seconds) }
        let daily = DailyLimit.allCases.map(use)
        return limits.status(uses, of: agent).map { use, taken in
            LimitUsage(use: use, taken: taken, most: terms.most(use.stated))
        }
            + limits.status(daily, of: agent).map { use, taken in
                LimitUsage(use: use, taken: taken, most: use.stated)
            }
            + recipients.status(of: agent, at: clock.wall).map { tool, limit, taken in
                let use = LimitUse(
                    name: RecipientLimitService.name(of: tool), seconds: limit.most.seconds,
                    stated: limit.most.count)
                return LimitUsage(use: use, taken: taken, most: use.stated)
            }
    }
}
