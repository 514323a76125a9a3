package import InterlockModel
package import InterlockPolicy

/// A call that the policy permits, or lets people permit.
package final class DecidedCall: Sendable {
    package let resolved: ResolvedCall
    /// Verdict `allow` or `approve`.
    package let decision: Decision
    package let facts: DecisionFacts
    package let now: Timestamp

    package var call: Call { resolved.call }
    package var address: ToolAddress { resolved.address }
    package var strength: Durability { .required(for: decision) }

    fileprivate init(
        resolved: ResolvedCall, decision: Decision, facts: DecisionFacts, now: Timestamp
    ) {
        self.resolved = resolved
        self.decision = decision
        self.facts = facts
        self.now = now
    }
}

extension CallPipeline {
    /// The one decision point: a pure function of call, policy snapshot and facts. A denial is
    /// recorded after; on disk when it returns: nothing.
    func decide(_ resolved: ResolvedCall) -> Result<DecidedCall, Stop> {
        let now = gateway.clock.now.wall
        let facts = gateway.facts(
            for: resolved.call.principal, pin: resolved.pin, policy: resolved.policy)
        let decision = resolved.policy.decide(
            DecisionRequest(
                agent: resolved.call.principal.agent, address: resolved.address,
                arguments: resolved.arguments),
            facts: facts, now: now)
        guard decision.verdict == .deny else {
            // Not visible a moment ago, permitted now: its arguments were never judged by the schema.
            guard resolved.isVisible else {
                gateway.counters.denied.count()
                gateway.note(
                    gateway.records.denied(
                        resolved.call.id, run: resolved.run, address: resolved.address,
                        arguments: resolved.canonicalArguments, policy: resolved.policy.digest,
                        code: "policy.no_grant", rule: "no-grant"),
                    under: resolved.policy.digest)
                return .failure(.unknownTool(name: resolved.call.name))
            }
            return .success(
                DecidedCall(resolved: resolved, decision: decision, facts: facts, now: now))
        }
        gateway.counters.denied.count()
        gateway.note(
            gateway.records.denied(resolved, decision: decision, facts: facts, now: now),
            under: resolved.policy.digest)
        guard resolved.isVisible else { return .failure(.unknownTool(name: resolved.call.name)) }
        return .failure(.refused(.denied(by: decision)))
    }
}

extension Durability {
    /// Specs of the ledger, section 3. Where no witness quorum is configured a default D2 becomes D1.
    static func required(for decision: Decision) -> Durability {
        decision.toolClass == .read && !decision.effects.has(.sensitiveData) ? .local : .receipt
    }
}

extension Refusal {
    static func denied(by decision: Decision) -> Refusal {
        Refusal(
            .denied, "policy", decision.reason.rawValue, rule: decision.rule, place: decision.place,
            "denied by rule \(decision.rule) (\(decision.reason.rawValue))")
    }

    static func halted(by order: OrderID) -> Refusal {
        Refusal(
            .halted, "kill", "halted", rule: order.text, "halted by the kill switch",
            retryAfterMilliseconds: 60_000)
    }
}
