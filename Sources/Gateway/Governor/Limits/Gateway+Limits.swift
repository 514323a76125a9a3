import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPolicy

extension Gateway {
    /// What makes a repeat of a call the same one.
    func question(of resolved: ResolvedCall) -> LimitQuestion {
        LimitQuestion(
            run: resolved.call.principal.run, address: resolved.address,
            arguments: approvals.hashing.sha256(resolved.canonicalArguments))
    }

    /// Sets aside what a decided call takes.
    func hold(_ decided: DecidedCall) throws(LimitExceeded) -> LimitReservation {
        let waits = if case .approve = decided.decision.verdict { true } else { false }
        return try limits.hold(
            decided.decision.reserve, of: decided.call.principal.agent,
            percent: decided.facts.quotaPercent,
            question: waits ? question(of: decided.resolved) : nil)
    }

    /// The records of what a call takes of limits on sums.
    func sums(of decided: DecidedCall) -> [RecordDraft] {
        let sums = decided.decision.reserve.filter(\.use.isSum)
        guard !sums.isEmpty else { return [] }
        let taken = limits.standing(sums.map(\.use), of: decided.call.principal.agent)
        return zip(sums, taken).map { reservation, standing in
            records.reserved(
                decided, reservation,
                left: max(0, reservation.use.most(decided.facts.quotaPercent) - standing.taken))
        }
    }

    /// A call that was not sent gives back what was set aside for it, unless its request goes on waiting.
    func settle(_ recorded: RecordedCall, _ refusal: Refusal) {
        guard refusal.kind == .approvalPending, let request = refusal.approval else {
            return limits.giveBack(recorded.held)
        }
        limits.park(recorded.held, for: request, question(of: recorded.decided.resolved))
    }

    /// A call that was sent, or surely not. Not knowing counts as done.
    func settle(_ inspected: InspectedCall) {
        let executed = inspected.executed
        switch inspected.state {
        case .notExecuted, .cancelled: limits.giveBack(executed.recorded.held)
        case .ok, .toolError, .error, .withheld, .unknown:
            // Not since it was sent: nobody knows how long it waited for its turn behind others of the same server.
            limits.use(executed.recorded.held, since: clock.boot)
        }
    }

    /// As the caller is told: a limit says when to come back.
    func refusal(_ judged: JudgedCall, of call: Call) -> Refusal {
        let decision = judged.decision
        guard decision.reason == .limit else { return .denied(by: decision) }
        switch judged.breaker {
        case .paused: return .paused
        case .throttled(let wait): return .throttled(wait)
        case .free: break
        }
        tally.count(limit: decision.exceeded?.use.key ?? "unavailable")
        let wait = decision.exceeded.flatMap {
            limits.wait(for: $0, of: call.principal.agent, percent: judged.facts.quotaPercent)
        }
        return .limited(
            decision.detail ?? "unavailable", of: decision.exceeded?.use.name,
            rule: decision.rule, place: decision.place, wait.map(call.id.spread))
    }

    func refusal(_ exceeded: LimitExceeded, of call: Call) -> Refusal {
        let demand = exceeded.demand
        tally.count(limit: exceeded.taken == .max ? "unavailable" : demand.limit)
        guard exceeded.taken != .max else {
            return .limited("unavailable", of: demand.limit, rule: "limit", place: nil, nil)
        }
        return .limited(
            "\(demand.limit) \(exceeded.taken)/\(demand.most) in \(demand.seconds) s",
            of: demand.limit, rule: "limit", place: nil,
            limits.wait(for: exceeded).map(call.id.spread))
    }
}

extension Refusal {
    /// - Parameters:
    ///   - limit: its name, for the caller's program.
    ///   - detail: which limit, how much of it is taken, and how long its window is.
    ///   - wait: in milliseconds; nil when time alone makes no room.
    fileprivate static func limited(
        _ detail: String, of limit: String?, rule: String, place: PolicyLocation?, _ wait: Int?
    ) -> Refusal {
        let time = wait.map { "; there is room again in \(($0 + 999) / 1_000) s" } ?? ""
        return Refusal(
            .limited, "policy", "limit", rule: rule, place: place,
            "over the limit: \(detail)\(time)",
            retryAfterMilliseconds: wait ?? 60_000, limit: limit, outcome: .notExecuted)
    }
}
