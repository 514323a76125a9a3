import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPolicy

extension Gateway {
    /// Returns the key that identifies a repeated call.
    func question(of resolved: ResolvedCall) -> LimitQuestion {
        LimitQuestion(
            run: resolved.call.principal.run, address: resolved.address,
            arguments: approvals.hashing.sha256(resolved.canonicalArguments))
    }

    /// Reserves the units that a decided call takes.
    func hold(_ decided: DecidedCall) throws(LimitExceeded) -> LimitReservation {
        let waits = if case .approve = decided.decision.verdict { true } else { false }
        return try limits.hold(
            decided.decision.reserve, of: decided.call.principal.agent,
            percent: decided.facts.quotaPercent,
            question: waits ? question(of: decided.resolved) : nil)
    }

    /// Returns the records of the units that a call takes of limits on sums.
    func sums(of decided: DecidedCall) -> [RecordDraft] {
        let sums = decided.decision.reserve.filter(\.use.isSum)
        guard !sums.isEmpty else { return [] }
        let taken = limits.status(sums.map(\.use), of: decided.call.principal.agent)
        return zip(sums, taken).map { reservation, status in
            records.reserved(
                decided, reservation,
                left: max(0, reservation.use.most(decided.facts.quotaPercent) - status.taken))
        }
    }

    /// Returns the units of a call that was not sent, unless its approval request stays open.
    func settle(_ recorded: RecordedCall, _ refusal: Refusal) {
        guard refusal.kind == .approvalPending, let request = refusal.approval else {
            return limits.giveBack(recorded.held)
        }
        limits.park(recorded.held, for: request, question(of: recorded.resolved))
    }

    /// Settles the units of a call that ended. An unknown outcome counts as executed.
    func settle(_ inspected: InspectedCall) {
        let executed = inspected.executed
        switch inspected.state {
        case .notExecuted, .cancelled: limits.giveBack(executed.recorded.held)
        case .ok, .toolError, .error, .withheld, .unknown:
            // The time of sending is not used, because it is unknown how long the call waited for its turn at the
            // server.
            limits.use(executed.recorded.held, since: clock.boot)
        }
    }

    /// The refusal for the caller: a limit says when to retry.
    func refusal(_ judged: JudgedCall, of call: Call) -> Refusal {
        let decision = judged.decision
        guard decision.reason == .limit else { return .denied(by: decision) }
        switch judged.breaker {
        case .paused: return .paused
        case .throttled(let wait): return .throttled(wait)
        case .free: break
        }
        let wait = decision.exceeded.flatMap {
            limits.wait(for: $0, of: call.principal.agent, percent: judged.facts.quotaPercent)
        }
        return .limited(
            decision.detail ?? "unavailable", of: decision.exceeded?.use.name,
            rule: decision.rule, place: decision.place, wait.map(call.id.spread))
    }

    func refusal(_ exceeded: LimitExceeded, of call: Call) -> Refusal {
        let demand = exceeded.demand
        guard exceeded.taken != .max else {
            return .limited("unavailable", of: demand.limit, rule: "limit", place: nil, nil)
        }
        return .limited(
            "\(demand.limit) \(exceeded.taken)/\(demand.most) in \(demand.seconds) s",
            of: demand.limit, rule: "limit", place: nil,
            limits.wait(for: exceeded).map(call.id.spread))
    }
}

extension LimitExceeded {
    /// The limit under which the refusal is counted.
    var countedLimit: String { taken == .max ? "unavailable" : demand.limit }
}

extension Refusal {
    /// - Parameters:
    ///   - limit: the limit's name, for the caller's program.
    ///   - detail: the limit, the units taken and the length of its window.
    ///   - wait: in milliseconds, or nil if time alone frees too little.
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
