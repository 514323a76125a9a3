package import InterlockGovernor
package import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTrust
import Synchronization

/// Demotes agents by what the gateway knows of them, notifies people, and takes the documents that people sign
/// (docs/specs/trust-and-review.md, sections 5 and 6).
///
/// `StageLadder` demotes by signals and incidents, and the service of reviews by overdue ones.
package final class TrustStageService: Sendable {
    /// The dependencies that are injected into the service.
    package struct Sources: Sendable {
        /// Returns the digest of the result by which evals of an agent's current fingerprint fail; nil if they do not.
        let regression: @Sendable (AgentName) -> Digest?
        /// Returns true if the evals of an agent's current fingerprint fail, or their last run proves nothing.
        let isFailing: @Sendable (AgentName) -> Bool
        let drill: @Sendable () -> DrillStatus
        /// Decides open requests for approval again, since a stage changed.
        let redecide: @Sendable () async -> Void

        package init(
            regression: @escaping @Sendable (AgentName) -> Digest?,
            isFailing: @escaping @Sendable (AgentName) -> Bool,
            drill: @escaping @Sendable () -> DrillStatus,
            redecide: @escaping @Sendable () async -> Void
        ) {
            self.regression = regression
            self.isFailing = isFailing
            self.drill = drill
            self.redecide = redecide
        }
    }

    /// The time after its deadline at which a drill that is due demotes every agent.
    static let drillGrace = Duration.seconds(14 * 86_400)

    private struct Sweep {
        /// The time at which this process first saw the drill requirement violated; nil while it is not.
        var drillFailing: Timestamp?
        /// The stages for which open requests were decided last.
        var stages: [AgentName: AutonomyStage]
        /// The agents whose promotion does not count, and whose alert was raised.
        var uncounted: Set<AgentName> = []
        var hasToldIgnored = false
        /// True while the store does not take demotions, of which people are notified once.
        var isUnstored = false
    }

    let gateway: Gateway
    let registry: TrustStageRegistry
    let sources: Sources
    private let sweeping: Mutex<Sweep>
    /// Lets one document in at a time.
    let signing = AsyncGate()

    package init(gateway: Gateway, registry: TrustStageRegistry, sources: Sources) {
        self.gateway = gateway
        self.registry = registry
        self.sources = sources
        sweeping = Mutex(Sweep(stages: registry.stages))
    }

    /// Demotes what is to be demoted, records and tells it. Called every second.
    package func sweep() async {
        registry.refresh(under: gateway.policy.snapshot)
        demoteHalted()
        demoteUnowned()
        demoteFailing()
        demoteUndrilled()
        registry.noteEnds()
        let isStored = await registry.store()
        let hasDemoted = tell()
        // A gateway that stops closes the store during its last sweep; a start takes the rest from its records.
        if isStored || !Task.isCancelled { tell(isStored: isStored) }
        if hasChanged() || hasDemoted { await sources.redecide() }
    }

    /// Halts of the agent itself, by people or by detectors; not of its owner, its runs, the org or a drill.
    private func demoteHalted() {
        for halt in gateway.halts.newestFirst {
            guard case .agent(let agent) = halt.target else { continue }
            registry.demote(agent, by: .kill, cause: registry.cause("halt", halt.id.text))
        }
    }

    /// Agents whose owner has no credential any more, or is not the owner for whom people decided.
    private func demoteUnowned() {
        let policy = gateway.policy.snapshot
        for (agent, promotion) in registry.promotions {
            guard let entry = policy.agents[agent] else { continue }
            guard promotion.owner != entry.owner || gateway.hasOwnerLeft(agent) else { continue }
            registry.demote(
                agent, by: .ownerLeft,
                cause: registry.cause(
                    "owner", "\(agent.text) \(promotion.owner) \(promotion.date.rfc3339())"))
        }
    }

    private func demoteFailing() {
        for agent in registry.stages.keys {
            guard let result = sources.regression(agent) else { continue }
            registry.demote(agent, by: .evalRegression, cause: result)
        }
    }

    /// A requirement without a deadline of its own, since no drill is on record, counts from when it was seen first.
    private func demoteUndrilled() {
        let (status, now) = (sources.drill(), registry.now())
        let failing = sweeping.withLock { sweep in
            sweep.drillFailing = status.isFailing ? sweep.drillFailing ?? now : nil
            return sweep.drillFailing
        }
        guard let failing else { return }
        let due = min(status.due ?? failing, failing)
        guard now >= due + Self.drillGrace else { return }
        let cause = registry.cause("drill", due.rfc3339())
        for agent in registry.stages.keys {
            registry.demote(
                agent, by: .drillOverdue,
                cause: registry.cause("drill", "\(agent.text) \(cause.prefixed)"))
        }
    }

    /// Notifies the agent's owner and the operators' channels.
    ///
    /// - Returns: true if an agent was demoted.
    private func tell() -> Bool {
        // An agent at stage 0 gets a cool-down alone, which is on record.
        let demoted = registry.takeUntold().filter { $0.demotion.to < $0.demotion.from }
        for one in demoted {
            gateway.raise(alarm: "trust.demoted", subject: one.agent.text, about: one.agent)
        }
        let uncounted = registry.uncounted
        let (new, isFirst) = sweeping.withLock { sweep in
            let new = uncounted.filter { !sweep.uncounted.contains($0) }
            sweep.uncounted = Set(uncounted)
            let isFirst = !sweep.hasToldIgnored
            sweep.hasToldIgnored = true
            return (new, isFirst)
        }
        for agent in new {
            gateway.raise(alarm: "trust.unsigned", subject: agent.text, about: agent)
        }
        if isFirst {
            for number in registry.ignored {
                gateway.raise(alarm: "trust.foreign", subject: "entry \(number)")
            }
        }
        return !demoted.isEmpty
    }

    /// A restart would give back what was taken by a demotion that is not stored.
    private func tell(isStored: Bool) {
        let isNew = sweeping.withLock { sweep in
            defer { sweep.isUnstored = !isStored }
            return !isStored && !sweep.isUnstored
        }
        if isNew { gateway.raise(alarm: "trust.unstored", subject: "") }
    }

    /// Returns true if a stage is another one than at the last sweep.
    private func hasChanged() -> Bool {
        let stages = registry.stages
        return sweeping.withLock { sweep in
            defer { sweep.stages = stages }
            return sweep.stages != stages
        }
    }
}

extension Gateway {
    /// True if every credential of the agent's owner was revoked.
    fileprivate func hasOwnerLeft(_ agent: AgentName) -> Bool {
        guard case .record(_, _, let hasLeft) = trust(of: agent) else { return false }
        return hasLeft
    }
}
