package import InterlockJSON
import InterlockLimits
package import InterlockModel
package import InterlockPolicy
import InterlockPorts
import InterlockSafety

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
    /// The level of the run, or nil if it had read no untrusted content when the call was decided.
    package var taint: RunTaint? { judged.taint }
    /// The labels of its key values, for people; nil if the agent's rule does not ask for them.
    package var shownLabels: JSONValue? { judged.labels?.shown }

    /// The number of findings in the arguments by class, for people; nil if there are none.
    package var shownFindings: JSONValue? {
        guard let found = judged.search.found, !found.isEmpty else { return nil }
        return .object(found.json)
    }
    package var call: Call { resolved.call }
    package var address: ToolAddress { resolved.address }
    /// True if the host must ask its own user before it runs the call.
    var asksHostUser: Bool { judged.asksHostUser(about: call) }
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
    let search: ArgumentSearch
    /// The level of the run; the facts `tainted` and `unmarked` are made of it.
    let taint: RunTaint?
    /// The labels of the call's key values, of which the fact `label` is the worst; nil if the agent's rule does not ask
    /// for them.
    let labels: KeyLabels?

    /// True if the policy wants the host of a call to ask its own user about it.
    func asksHostUser(about call: Call) -> Bool {
        call.host != nil && decision.asksHostUser(policy.agents[call.principal.agent]?.hooks)
    }
}

extension CallPipeline {
    /// Decides the call, by a pure function of call, policy snapshot and facts; no other code decides. Makes nothing
    /// durable and changes nothing; a denial is recorded afterwards.
    func decide(_ attempted: AttemptedCall) -> Result<DecidedCall, RefusedRequest> {
        let resolved = attempted.resolved
        let judged = judge(
            resolved, attempted.searched.search, under: resolved.policy,
            breaker: attempted.breaker)
        guard judged.decision.verdict == .deny else {
            // The call was not visible before and is permitted now, so its arguments were not validated by the schema.
            guard resolved.isVisible else {
                return .failure(
                    RefusedRequest(
                        resolved.unknown,
                        .undecided(resolved.refused, code: "policy.no_grant", rule: "no-grant")))
            }
            return .success(
                DecidedCall(
                    resolved: resolved, judged: judged, mark: attempted.mark,
                    strength: gateway.strength(of: judged.decision, resolved.address)))
        }
        let refusal = gateway.refusal(judged, of: resolved.call)
        return .failure(
            RefusedRequest(
                resolved.mayBeNamed ? .refused(refusal) : resolved.unknown,
                .denied(attempted, judged, refusal)))
    }

    /// Decides with the facts of now, which may differ in a later decision.
    ///
    /// - Parameters:
    ///   - search: the last search in the arguments.
    ///   - own: the units already reserved for the call.
    ///   - breaker: the breakers' verdict on its run.
    ///   - answers: true if answers of the caller would be sent to the server, besides the arguments.
    func judge(
        _ resolved: ResolvedCall, _ search: ArgumentSearch, under policy: PolicySnapshot,
        beside own: LimitReservation? = nil, breaker: BreakerVerdict, sending answers: Bool = false
    ) -> JudgedCall {
        gateway.judge(
            DecisionRequest(
                agent: resolved.call.principal.agent, address: resolved.address,
                arguments: resolved.arguments, completes: resolved.completes),
            of: resolved.call.principal, resolved.pin, search, under: policy, beside: own,
            breaker: breaker, sending: answers
        ) { gateway.question(of: resolved) }
    }
}

extension Gateway {
    /// Decides with the facts of now.
    func judge(
        _ request: DecisionRequest, of principal: Principal, _ pin: PinnedFeature?,
        _ search: ArgumentSearch = .none, under policy: PolicySnapshot,
        beside own: LimitReservation? = nil, breaker: BreakerVerdict = .free,
        sending answers: Bool = false, question: () -> LimitQuestion? = { nil }
    ) -> JudgedCall {
        let now = clock.wall
        var facts = facts(for: principal, pin: pin, policy: policy)
        facts.breaker = breaker.fact
        let search = search.judged(by: policy, request.address, at: now)
        facts.arguments = search.finding
        facts.classes = search.classes
        facts.eval = evalFact(of: principal, under: policy, at: now)
        if let entry = policy.agents[principal.agent] {
            facts.review = reviewState(of: entry, at: now)
        }
        let taint = runs.tainted.taint(of: principal.run)
        facts.tainted = taint != nil
        facts.unmarked = taint?.level == .untrusted
        var labels = labels(
            of: request, pin, by: principal, under: policy, isTainted: facts.tainted)
        // A model may have written the answers; nothing else is known of them.
        if answers { labels = labels?.atLeast(facts.tainted ? .untrusted : .made) }
        facts.label = labels?.worst
        facts.alarm = monitors.agents.alarm(of: request, at: facts.effectiveStage)
        facts.sideChannel = sideChannel(
            of: request, by: principal, under: policy, isTainted: facts.tainted)
        facts.counters = limits.counters(
            policy.limits(of: request.address, for: principal.agent, elevations: facts.elevations),
            of: principal.agent, beside: own, question: question)
        return JudgedCall(
            decision: policy.decide(request, facts: facts, now: now), facts: facts, now: now,
            policy: policy, breaker: breaker, search: search, taint: taint, labels: labels)
    }
}

extension ResolvedCall {
    /// True if the refusal may say what it is about. Hosts have their tools whether the policy grants them or not.
    fileprivate var mayBeNamed: Bool { isVisible || call.host != nil }

    /// The answer to a caller that may not see the feature.
    fileprivate var unknown: PipelineExit { .unknown(call.method, name: call.name) }
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
    /// The sentence is for a model: it says what would be permitted, or where a value is that must not be sent, so that
    /// the next call is a better one.
    static func denied(by judged: JudgedCall) -> Refusal {
        let decision = judged.decision
        let reason = decision.reason.rawValue
        let detail = judged.search.detail.map { " (\($0))" } ?? ""
        let sentence =
            switch decision.reason {
            case .brokeredValue, .canary, .secretInArguments:
                "denied: \(reason)\(detail): the arguments have a value that must not be sent; no approval lifts this"
            case .piiInArguments:
                "denied: \(reason)\(detail): the arguments have a number or other data of a person where the policy lets this tool take none; no approval lifts this"
            case .scanFailed:
                "denied: \(reason)\(detail): the arguments could not be searched for secrets"
            case .undecodable:
                "denied: \(reason): the arguments have data that are encoded in more than two layers, or larger when decoded than is searched, so they cannot be searched for secrets; send them as plain text, or in parts"
            default:
                "the policy does not permit this call: \(reason)"
                    + (decision.permitted.map { "; \($0)" } ?? "")
            }
        return Refusal(
            .denied, decision.reason.part, reason, rule: decision.rule, place: decision.place,
            sentence)
    }

    static func halted(by order: OrderID) -> Refusal {
        Refusal(
            .halted, "kill", "halted", rule: order.text, "halted by the kill switch",
            retryAfterMilliseconds: 60_000)
    }
}
