package import InterlockModel
package import InterlockPolicy

/// A call that the policy permits, or lets people permit.
package final class DecidedCall: Sendable {
    package let resolved: ResolvedCall
    /// Verdict `allow` or `approve`.
    let judged: JudgedCall

    package var decision: Decision { judged.decision }
    package var facts: DecisionFacts { judged.facts }
    package var now: Timestamp { judged.now }
    package var call: Call { resolved.call }
    package var address: ToolAddress { resolved.address }
    /// Of its last record before the send.
    package let strength: Durability

    fileprivate init(resolved: ResolvedCall, judged: JudgedCall, strength: Durability) {
        self.resolved = resolved
        self.judged = judged
        self.strength = strength
    }
}

/// A decision with all that it rested on; what is recorded of it decides again (`DecisionInput`).
struct JudgedCall: Sendable {
    let decision: Decision
    let facts: DecisionFacts
    let now: Timestamp
    let policy: PolicySnapshot
}

extension CallPipeline {
    /// The one decision point: a pure function of call, policy snapshot and facts. A denial is
    /// recorded after; on disk when it returns: nothing.
    func decide(_ resolved: ResolvedCall) -> Result<DecidedCall, Stop> {
        let judged = judge(resolved, under: resolved.policy)
        let decision = judged.decision
        guard decision.verdict == .deny else {
            // Not visible a moment ago, permitted now: its arguments were never judged by the schema.
            guard resolved.isVisible else {
                gateway.countDenial(
                    of: resolved.call.principal.agent, at: resolved.address,
                    code: "policy.no_grant")
                gateway.note(
                    gateway.records.denied(
                        resolved.call.id, run: resolved.run, address: resolved.address,
                        arguments: resolved.canonicalArguments, policy: resolved.policy.digest,
                        code: "policy.no_grant", rule: "no-grant", context(of: resolved)),
                    under: resolved.policy.digest)
                return .failure(.unknown(resolved.call.method, name: resolved.call.name))
            }
            return .success(
                DecidedCall(
                    resolved: resolved, judged: judged,
                    strength: gateway.strength(of: judged.decision, resolved.address)))
        }
        let refusal = Refusal.denied(by: decision)
        gateway.countDenial(
            of: resolved.call.principal.agent, at: resolved.address, code: refusal.code)
        gateway.note(
            gateway.records.denied(resolved, judged, context(of: resolved)),
            under: resolved.policy.digest)
        gateway.alarm(blocked: resolved.call, decision.reason, rule: decision.rule)
        guard resolved.isVisible else {
            return .failure(.unknown(resolved.call.method, name: resolved.call.name))
        }
        return .failure(.refused(refusal))
    }

    /// Decides with what is known now, which a later look may find otherwise.
    func judge(_ resolved: ResolvedCall, under policy: PolicySnapshot) -> JudgedCall {
        gateway.judge(
            DecisionRequest(
                agent: resolved.call.principal.agent, address: resolved.address,
                arguments: resolved.arguments, completes: resolved.completes),
            of: resolved.call.principal, resolved.pin, under: policy)
    }

    private func context(of refused: ResolvedCall) -> ContextMark {
        gateway.noteContext(
            of: refused.call, refused.run, under: refused.policy.digest, isPermitted: false)
    }
}

extension Gateway {
    /// Decides with what is known now.
    func judge(
        _ request: DecisionRequest, of principal: Principal, _ pin: PinnedOffer?,
        under policy: PolicySnapshot
    ) -> JudgedCall {
        let now = clock.now.wall
        let facts = facts(for: principal, pin: pin, policy: policy)
        return JudgedCall(
            decision: policy.decide(request, facts: facts, now: now), facts: facts, now: now,
            policy: policy)
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
