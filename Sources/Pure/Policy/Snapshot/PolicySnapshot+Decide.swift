package import InterlockModel

extension PolicySnapshot {
    /// Decides one call, in the order of section 4.2; the first step that decides, decides.
    ///
    /// A function of its inputs alone. A refusal is a value; there is no error, because what this
    /// version cannot find out was compiled into a refusal.
    package func decide(
        _ request: DecisionRequest, facts: DecisionFacts, now: Timestamp
    ) -> Decision {
        let entry = agents[request.agent]
        if let order = facts.halted {
            var decision = Decision(.deny, .halted, rule: order.text)
            if let entry { decision.tier = entry.tier }
            return decision
        }
        guard let entry else { return Decision(.deny, .unknownAgent) }
        let stage = entry.effectiveStage(facts.effectiveStage)
        guard let tool = table.number(of: request.address) else {
            var decision = entry.noGrant.denied(.unlistedTool)
            decision.stage = stage
            return decision
        }
        guard let cell = entry.cell(tool) else {
            return ungranted(entry, tool, stage, quarantined: facts.quarantined)
        }
        var decision = cell.decisions[entry.row(at: stage)]
        decision.stage = stage
        if facts.quarantined { return decision.denied(.quarantined, place: entry.place) }
        guard cell.isGranted else { return decision }
        if !cell.isRead, let deadline = entry.reviewDeadline, now >= deadline {
            return decision.denied(.reviewOverdue, place: entry.place)
        }
        if entry.tier == .high, !facts.purposeDeclared {
            return decision.denied(.noPurpose, place: entry.place)
        }
        if decision.quorum > 0, decision.verdict != .deny {
            decision.eligible = eligible(entry, cell, onBehalfOf: facts.onBehalfOf, now)
            if decision.eligible.count < decision.quorum {
                let place = decision.group.flatMap { groups[$0]?.place }
                return decision.denied(.noApprovers, place: place ?? entry.place)
            }
        }
        return stage == .observe ? observed(decision, entry) : decision
    }

    /// A tool that exists and that neither a scope nor `approval_required` names.
    private func ungranted(
        _ entry: AgentEntry, _ tool: Int, _ stage: Stage, quarantined: Bool
    ) -> Decision {
        let row = table.rows[tool]
        var decision = entry.otherForbids[tool] ?? entry.noGrant
        decision.stage = stage
        decision.effects = row.spec.effects
        decision.toolClass = row.spec.toolClass
        decision.environment = row.environment
        if quarantined { return decision.denied(.quarantined, place: entry.place) }
        if decision.reason == .noGrant, let place = entry.scopePlaces[row.address.server] {
            decision.place = place
        }
        return decision
    }

    /// Not the owner (unless W210 is waived, and never for money and production), and not the person
    /// on whose behalf the agent runs (4.3).
    private func eligible(
        _ entry: AgentEntry, _ cell: CompiledCell, onBehalfOf person: Person?, _ now: Timestamp
    ) -> [Person] {
        let ownerMay = !cell.excludesOwner && (entry.ownerVotesUntil.map { now < $0 } ?? false)
        let members = ownerMay ? entry.members : entry.membersWithoutOwner
        guard let person, members.contains(person) else { return members }
        return members.filter { $0 != person }
    }

    /// At stage observe nothing runs; what would have happened is recorded.
    private func observed(_ decision: Decision, _ entry: AgentEntry) -> Decision {
        guard decision.verdict != .deny else { return decision }
        let isHeld = !entry.incomplete.isEmpty
        var result = decision.denied(isHeld ? .incomplete : .observe, place: entry.place)
        result.wouldBe = decision.verdict
        if isHeld { result.detail = entry.incomplete.joined(separator: " ") }
        return result
    }
}
