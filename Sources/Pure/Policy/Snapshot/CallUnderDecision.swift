import InterlockJSON
import InterlockModel
import InterlockPolicyCEL
import InterlockSafety

/// One call with its facts, in the steps of a decision.
struct CallUnderDecision {
    let policy: PolicySnapshot
    let entry: AgentEntry
    let request: DecisionRequest
    let facts: DecisionFacts
    let now: Timestamp
    /// The effective stage.
    let stage: TrustStage

    func decide(_ tool: Int, by cell: CompiledCell) -> Decision {
        var common = described(cell.kind)
        let data = entry.data[tool] ?? cell.kind.data
        if !data.isEmpty { common.data = data }
        if facts.quarantined { return common.denied(.quarantined, place: entry.place) }
        // Every call at stage observe is denied below, and what it would be is recorded.
        if stage != .observe, let reason = facts.eval.denial {
            return common.denied(reason, place: entry.place)
        }
        if let refusal = outOfTask(common) { return refusal }
        if let finding = facts.arguments, finding != .undecodable {
            return common.denied(finding.reason, place: entry.place)
        }
        if !facts.classes.isEmpty, let refusal = withDeniedClasses(common) { return refusal }
        var evaluation = Evaluation(input(policy.sites[tool]))
        switch cell.rules.permission(&evaluation) {
        case .refused(let ruling): return common.decided(ruling).after(evaluation)
        case .granted(let path, let place, let isUnattested):
            let effects = cell.rules.effects(&evaluation)
            if facts.arguments == .undecodable, reach(cell.kind, effects) > .reads {
                common.effects = effects
                return common.denied(.undecodable, place: entry.place).after(evaluation)
            }
            let ruling = cell.rules.control(
                policy.controls, Controls.Column(tier: entry.tier, stage: stage), of: effects,
                grantedAt: place, path: path, isUnattested: isUnattested)
            var decision = common.decided(tightened(raised(ruling), cell.kind, effects))
                .awaiting(entry.approvers).after(evaluation)
            decision.effects = effects
            return limited(decision, cell, proposer: facts.elevations?.proposer(ofGrant: path))
        }
    }

    /// Returns the refusal of a call that the run's task does not name, or nil if the run has no task or the task names
    /// the tool.
    private func outOfTask(_ common: Decision) -> Decision? {
        guard let name = facts.task,
            !policy.isInTask(request.address, name, of: entry.name)
        else { return nil }
        guard let task = policy.tasks[name], task.isOf(entry.name) else {
            var refusal = common.denied(.outOfTask, place: entry.place)
            refusal.detail = "no task \(name)"
            return refusal
        }
        return common.denied(.outOfTask, rule: task.path, place: task.place)
    }

    /// Returns the refusal of a call whose arguments have values of classes that the policy denies, or nil.
    private func withDeniedClasses(_ common: Decision) -> Decision? {
        let denied = facts.classes.intersection(policy.deniedClasses(of: request.address))
        guard let reason = denied.reason else { return nil }
        var refusal = common.denied(reason, place: policy.safetyPlace ?? entry.place)
        refusal.detail = denied.names.joined(separator: " ")
        return refusal
    }

    /// Returns the ruling, with approval by one person in place of an allowance if a signal demands it. Never lowers one.
    private func raised(_ ruling: Ruling) -> Ruling {
        guard facts.alarm != nil, ruling.verdict == .allow else { return ruling }
        return Ruling(
            verdict: .approve(1), reason: .alarmApproval,
            rule: DecisionReason.alarmApproval.rawValue,
            place: ruling.place)
    }

    /// Returns the ruling, made stricter by the agent's rule about untrusted content. A label that is not known counts as
    /// the worst.
    private func tightened(_ ruling: Ruling, _ kind: ToolKind, _ effects: EffectSet) -> Ruling {
        guard let taint = entry.spec.taint else { return ruling }
        let ruling = taint.tightened(ruling, by: facts.sideChannel, facts.level)
        guard facts.tainted || !taint.isStrict else { return ruling }
        return taint.tightened(
            ruling, reach(kind, effects), facts.level, facts.label ?? .untrusted)
    }

    private func reach(_ kind: ToolKind, _ effects: EffectSet) -> CallReach {
        CallReach(
            effects, kind.toolClass, isOfHost: request.address.server == HostServer.name,
            sends: kind.sends)
    }

    /// Applies the checks between a grant and its verdict, so that a call out of hours or over its limit
    /// never reaches a person; then finds the people who may decide, and applies stage observe.
    ///
    /// - Parameter proposer: the proposer of the elevation that grants the call.
    private func limited(
        _ decision: Decision, _ cell: CompiledCell, proposer: Person? = nil
    ) -> Decision {
        if facts.reviewsCount, !cell.isRead, isReviewOverdue {
            return decision.denied(.reviewOverdue, place: entry.place)
        }
        if entry.tier.requiresPurpose, !facts.purposeDeclared {
            return decision.denied(.noPurpose, place: entry.place)
        }
        var decision = decision
        if let hours = entry.hours {
            decision.readsClock = true
            guard hours.contains(now) else {
                return decision.denied(.hours, rule: hours.path, place: hours.place)
            }
        }
        if let breaker = facts.breaker {
            var refusal = decision.denied(.limit, rule: "breaker-agent", place: entry.place)
            refusal.detail = "breaker-agent \(breaker.rawValue)"
            return refusal
        }
        for limit in cell.limits {
            guard let reservation = limit.reservation(request.arguments) else {
                var refusal = decision.denied(.limit, rule: limit.path, place: limit.place)
                refusal.detail = "spend-unreadable"
                return refusal
            }
            // Records of earlier versions contain no counters; they are decided without limits of the tier,
            // as they were then.
            if facts.counters == nil, !limit.isStated { continue }
            // A call that cannot be counted, because there are no counters, is refused.
            guard let used = facts.counters.map({ $0[limit.use.name] ?? 0 }),
                limit.admits(reservation.amount, used: used, percent: facts.quotaPercent)
            else {
                var refusal = decision.denied(.limit, rule: limit.path, place: limit.place)
                let taken = facts.counters?[limit.use.name, default: 0] ?? .max
                let most = limit.use.most(facts.quotaPercent)
                refusal.detail =
                    taken == .max
                    ? "unavailable" : "\(limit.use.name) \(taken)/\(most) in \(limit.use.seconds) s"
                refusal.exceeded = reservation
                return refusal
            }
            decision.reserve.append(reservation)
        }
        guard decision.verdict != .deny else { return decision }
        if decision.quorum > 0 {
            decision.proposer = proposer
            decision.eligible = eligible(excludingOwner: decision.effects.excludesOwner)
                .filter { $0 != proposer }
            if decision.eligible.count < decision.quorum {
                let place = decision.group.flatMap { policy.groups[$0]?.place }
                return decision.denied(.noApprovers, place: place ?? entry.place)
            }
        }
        return stage == .observe ? observed(decision) : decision
    }

    private var isReviewOverdue: Bool {
        switch facts.review {
        case .byPolicy: entry.isOverdue(at: now)
        case .lifted: false
        case .overdue: true
        }
    }

    /// Decides about a tool that exists and that nothing grants; a forbid is named nevertheless.
    func ungranted(_ tool: Int) -> Decision {
        let kind = policy.table.kind(of: tool)
        var decision = described(kind)
        if facts.quarantined { return decision.denied(.quarantined, place: entry.place) }
        var evaluation: Evaluation?
        for forbid in policy.forbids[kind.number] where forbid.concerns(entry) {
            var current = evaluation ?? Evaluation(input(policy.sites[tool]))
            let applies =
                forbid.rule.condition.map { current.evaluate($0, of: forbid.rule.id).applies }
                ?? true
            if applies {
                let ruling = Ruling.refusal(.forbid, rule: forbid.rule.id, place: forbid.rule.place)
                return decision.decided(ruling).after(current)
            }
            evaluation = current
        }
        if let evaluation { decision = decision.after(evaluation) }
        if let place = entry.scopePlace(kind.serverNumber) { decision.place = place }
        return decision
    }

    private func input(_ site: CallSite) -> GuardInput {
        GuardInput(
            site: site, arguments: request.arguments, now: now, isTainted: facts.tainted,
            isSandboxed: facts.sandboxed, onBehalfOf: facts.onBehalfOf, tier: entry.tier,
            stage: stage, isCompletion: request.completes != nil)
    }

    /// The members of each decision about a tool, whatever the verdict.
    private func described(_ kind: ToolKind) -> Decision {
        var decision = staged(entry.noGrant)
        decision.effects = kind.effects
        decision.toolClass = kind.toolClass
        decision.environment = kind.environment
        return decision
    }

    func staged(_ decision: consuming Decision) -> Decision {
        decision.stage = stage
        return decision
    }

    /// The members who may decide: not the owner (unless W210 is waived, and never for money and
    /// production), and not the person on whose behalf the agent runs (docs/specs/policy.md, section 4.3).
    private func eligible(excludingOwner: Bool) -> [Person] {
        let ownerMay = !excludingOwner && (entry.ownerVotesUntil.map { now < $0 } ?? false)
        let members = ownerMay ? entry.members : entry.membersWithoutOwner
        guard let person = facts.onBehalfOf, members.contains(person) else { return members }
        return members.filter { $0 != person }
    }

    /// Refuses the call, because nothing runs at stage observe, and records what the verdict would be.
    private func observed(_ decision: Decision) -> Decision {
        let isHeld = !entry.incomplete.isEmpty
        var result = decision.denied(isHeld ? .incomplete : .observe, place: entry.place)
        result.wouldBe = decision.verdict
        if isHeld { result.detail = entry.incomplete.joined(separator: " ") }
        return result
    }
}

extension Decision {
    /// The decision with the results of its guards.
    fileprivate consuming func after(_ evaluation: Evaluation) -> Decision {
        guards = evaluation.records
        readsClock = evaluation.readsClock
        return self
    }
}

/// One decision in progress: the input of its guards, their remaining budget, and their results.
struct Evaluation {
    let input: GuardInput
    private var budget = CELBudget()
    private(set) var records: [GuardRecord] = []
    private(set) var readsClock = false

    init(_ input: GuardInput) { self.input = input }

    mutating func evaluate(_ condition: Guard, of rule: String) -> GuardResult {
        let result = condition.evaluate(input, budget: &budget)
        if condition.readsClock { readsClock = true }
        records.append(GuardRecord(rule: rule, result: result))
        return result
    }

    mutating func isLive(_ elevation: CompiledElevation) -> Bool {
        readsClock = true
        return elevation.isLive(at: input.now)
    }
}
