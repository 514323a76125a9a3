import InterlockLimits
package import InterlockModel
package import InterlockPolicy

/// A call that the policy permits, or permits after approval.
package final class DecidedCall: Sendable {
    package let resolved: ResolvedCall
    /// The decision; its verdict is `allow` or `approve`.
    let judged: JudgedCall
    /// The mark by which breakers identify equal calls.
    let mark: CallFingerprint

    package var decision: Decision { judged.decision }
    package var facts: DecisionFacts { judged.facts }
    package var now: Timestamp { judged.now }
    package var call: Call { resolved.call }
    package var address: ToolAddress { resolved.address }
    /// The durability of its last record before the send.
    package let strength: Durability

    fileprivate init(
        resolved: ResolvedCall, judged: JudgedCall, mark: CallFingerprint, strength: Durability
    ) {
        self.resolved = resolved
        self.judged = judged
        self.mark = mark
        self.strength = strength
    }
}

/// A decision with all its inputs; its record suffices to decide again (`DecisionInput`).
package struct JudgedCall: Sendable {
    package let decision: Decision
    let facts: DecisionFacts
    let now: Timestamp
    package let policy: PolicySnapshot
    let breaker: BreakerVerdict
}

extension CallPipeline {
    /// Decides the call, by a pure function of call, policy snapshot and facts; no other code decides. Makes nothing
    /// durable; a denial is recorded afterwards.
    func decide(_ resolved: ResolvedCall) -> Result<DecidedCall, PipelineExit> {
        let mark = CallFingerprint(resolved.address, resolved.canonicalArguments)
        let breaker = gateway.attempt(mark, by: resolved.call.principal)
        let judged = judge(resolved, under: resolved.policy, breaker: breaker)
        let decision = judged.decision
        guard decision.verdict == .deny else {
            // The call was not visible before and is permitted now, so its arguments were not validated by the schema.
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
                    resolved: resolved, judged: judged, mark: mark,
                    strength: gateway.strength(of: judged.decision, resolved.address)))
        }
        let refusal = gateway.refusal(judged, of: resolved.call)
        gateway.countDenial(
            of: resolved.call.principal.agent, at: resolved.address, code: refusal.code)
        gateway.note(
            gateway.records.denied(resolved, judged, context(of: resolved)),
            under: resolved.policy.digest)
        gateway.alarm(blocked: resolved.call, decision.reason, rule: decision.rule)
        gateway.deny(resolved, mark, for: decision.reason)
        guard resolved.isVisible else {
            return .failure(.unknown(resolved.call.method, name: resolved.call.name))
        }
        return .failure(.refused(refusal))
    }

    /// Decides with the facts of now, which may differ in a later decision.
    ///
    /// - Parameters:
    ///   - own: the units already reserved for the call.
    ///   - breaker: the breakers' verdict on its run.
    func judge(
        _ resolved: ResolvedCall, under policy: PolicySnapshot, beside own: LimitReservation? = nil,
        breaker: BreakerVerdict
    ) -> JudgedCall {
        gateway.judge(
            DecisionRequest(
                agent: resolved.call.principal.agent, address: resolved.address,
                arguments: resolved.arguments, completes: resolved.completes),
            of: resolved.call.principal, resolved.pin, under: policy, beside: own,
            breaker: breaker
        ) { gateway.question(of: resolved) }
    }

    func context(of refused: ResolvedCall) -> ContextDisposition {
        gateway.noteContext(
            of: refused.call, refused.run, under: refused.policy.digest, isPermitted: false)
    }
}

extension Gateway {
    /// Decides with the facts of now.
    func judge(
        _ request: DecisionRequest, of principal: Principal, _ pin: PinnedFeature?,
        under policy: PolicySnapshot, beside own: LimitReservation? = nil,
        breaker: BreakerVerdict = .free, question: () -> LimitQuestion? = { nil }
    ) -> JudgedCall {
        let now = clock.wall
        var facts = facts(for: principal, pin: pin, policy: policy)
        facts.breaker = breaker.fact
        facts.counters = limits.counters(
            policy.limits(
                of: request.address, for: principal.agent, elevations: facts.elevations),
            of: principal.agent, beside: own, question: question)
        return JudgedCall(
            decision: policy.decide(request, facts: facts, now: now), facts: facts, now: now,
            policy: policy, breaker: breaker)
    }
}

extension BreakerVerdict {
    fileprivate var fact: DecisionFacts.Breaker? {
        switch self {
        case .free: nil
        case .throttled: .throttled
        case .paused: .paused
        }
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
