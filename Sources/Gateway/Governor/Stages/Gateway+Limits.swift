import InterlockApprovals
import InterlockLedger
package import InterlockLimits
import InterlockModel
package import InterlockPolicy
import InterlockPorts

extension Gateway {
    /// Returns the key that identifies a repeated call.
    func question(of resolved: ResolvedCall) -> LimitQuestion {
        LimitQuestion(
            run: resolved.call.principal.run, address: resolved.address,
            arguments: approvals.hashing.sha256(resolved.canonicalArguments))
    }

    /// The limit of the configuration, as the limits of the policy are described.
    package func use(of limit: DailyLimit) -> LimitUse {
        LimitUse(
            name: limit.rawValue, seconds: DailyLimit.seconds, stated: settings.doors.most(limit))
    }

    /// Reserves the units that a decided call takes, if they are known without waiting; nil if not.
    func holdAtHand(_ decided: DecidedCall) -> LimitHold? { units.holdAtHand(limited(decided)) }

    /// Reserves the units that a decided call takes.
    func hold(_ decided: DecidedCall) async throws(LimitUnitsFailure) -> LimitHold {
        try await units.hold(limited(decided))
    }

    private func limited(_ decided: DecidedCall) -> LimitedCall {
        let decision = decided.decision
        let percent = decided.facts.quotaPercent
        // A loop, since `filter` and `map` would allocate for each call.
        var sums: Set<LimitWindow> = []
        for reservation in decision.reserve where reservation.use.isSum {
            sums.insert(
                LimitWindow(limit: reservation.use.key, seconds: reservation.use.seconds))
        }
        return LimitedCall(
            call: decided.call.id, agent: decided.call.principal.agent,
            demands: decision.reserve.map { LimitDemand($0, percent: percent) }, sums: sums,
            toolClass: decision.toolClass, effects: decision.effects,
            question: decision.verdict.needsPeople ? question(of: decided.resolved) : nil,
            end: clock.boot + timeToSend(decided))
    }

    /// The longest time until a call is sent or refused: the life of the request that people decide and the time in
    /// which its grant may be used, or the time that disk and witnesses take.
    private func timeToSend(_ decided: DecidedCall) -> Duration {
        guard decided.decision.verdict.needsPeople else { return .seconds(30) }
        let group = decided.decision.group.flatMap { decided.resolved.policy.groups[$0] }
        return (group?.expires ?? ApprovalRequest.usualLife) + ApprovalRequest.uses.upperBound
    }

    /// Counts the units of a call that is about to be sent as used; returns its refusal, or nil.
    func sendUnits(of recorded: RecordedCall) -> Refusal? {
        do throws(LimitUnitsFailure) {
            try units.send(recorded.held)
            return nil
        } catch { return .unitsUnknown(error) }
    }

    /// Counts the recipients that a decided call names; returns its refusal, or nil.
    func takeRecipients(
        of decided: DecidedCall, _ context: ContextDisposition
    ) async -> RefusedRequest? {
        let resolved = decided.resolved
        do throws(RecipientLimitService.Failure) {
            try await recipients.take(
                resolved.arguments, of: resolved.call.principal.agent, to: decided.address,
                at: limits.now)
            return nil
        } catch {
            let refusal: Refusal
            switch error {
            case .exceeded(let exceeded): return refused(resolved, exceeded, context)
            case .unreadable(let limit):
                refusal = .limited(
                    "\(limit): the arguments name no recipient that can be counted", of: limit,
                    rule: "limit", place: nil, nil)
            case .notStored(let reason): refusal = .unitsUnknown(.failed(reason: reason))
            }
            return RefusedRequest(
                .refused(refusal),
                .undecided(
                    resolved.refused, code: refusal.code, rule: "limits", context: context,
                    limit: "unavailable"))
        }
    }

    /// Returns the records of the units that a call takes of limits on sums.
    func sums(of decided: DecidedCall) -> [RecordDraft] {
        let sums = decided.decision.reserve.filter(\.use.isSum)
        guard !sums.isEmpty else { return [] }
        let taken = limits.status(sums.map(\.use), of: decided.call.principal.agent)
        return zip(sums, taken).map { reservation, status in
            records.reserved(
                decided, reservation.use, reservation.amount,
                left: max(0, reservation.use.most(decided.facts.quotaPercent) - status.taken))
        }
    }

    /// Returns the units of a call that was not sent, unless its approval request stays open.
    func settle(_ recorded: RecordedCall, _ refusal: Refusal) {
        guard refusal.kind == .approvalPending, let request = refusal.approval else {
            return units.giveBack(recorded.held)
        }
        units.park(recorded.held, for: request, question(of: recorded.resolved))
    }

    /// Settles the units of a call that ended. An unknown outcome counts as executed.
    func settle(_ inspected: InspectedCall) {
        let executed = inspected.executed
        switch inspected.state {
        case .notExecuted, .cancelled: units.giveBack(executed.recorded.held)
        case .ok, .toolError, .error, .withheld, .unknown:
            // The time of sending is not used, because it is unknown how long the call waited for its turn at the
            // server.
            units.use(executed.recorded.held, since: clock.boot)
        }
    }

    /// The refusal for the caller: a limit says when to retry.
    func refusal(_ judged: JudgedCall, of call: Call) -> Refusal {
        let decision = judged.decision
        guard decision.reason == .limit else { return .denied(by: judged) }
        switch judged.breaker {
        case .paused: return pausedRefusal(of: call.principal.run)
        case .throttled(let wait): return throttledRefusal(of: call.principal.run, for: wait)
        case .free: break
        }
        let wait = decision.exceeded.flatMap {
            limits.wait(for: $0, of: call.principal.agent, percent: judged.facts.quotaPercent)
        }
        return .limited(
            decision.detail ?? "unavailable", of: decision.exceeded?.use.name,
            rule: decision.rule, place: decision.place, wait.map(call.id.spread))
    }

    /// The refusal of a call that exceeds a limit after it was decided, without an intent.
    func refused(
        _ resolved: ResolvedCall, _ exceeded: LimitExceeded, _ context: ContextDisposition? = nil
    ) -> RefusedRequest {
        let refusal = refusal(exceeded, of: resolved.call)
        return RefusedRequest(
            .refused(refusal),
            .undecided(
                resolved.refused, code: refusal.code, rule: exceeded.demand.limit.leafText,
                context: context, limit: exceeded.countedLimit))
    }

    private func refusal(_ exceeded: LimitExceeded, of call: Call) -> Refusal {
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
    /// The refusal of a call for which the port of limits could not find out whether its units are free.
    static func unitsUnknown(_ failure: LimitUnitsFailure) -> Refusal {
        let why: String
        switch failure {
        case .leaseWait(let limit):
            return Refusal(
                .limited, "limits", "lease-wait", rule: "limit",
                "the units of the limit \(limit) that are left are leased to other nodes",
                retryAfterMilliseconds: 1_000, limit: limit, outcome: .notExecuted)
        case .storeUnavailable: return .storeDown
        case .late: why = "no answer in time"
        case .failed(let reason): why = reason
        }
        return Refusal(
            .denied, "limits", "unavailable", rule: "limits",
            "it is not known whether the call is within its limits, so it was not sent (\(why))",
            retryAfterMilliseconds: 1000, outcome: .notExecuted)
    }

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
