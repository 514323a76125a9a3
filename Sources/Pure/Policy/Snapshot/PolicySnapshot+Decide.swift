package import InterlockModel

extension PolicySnapshot {
    /// Decides one call, in the order of docs/specs/policy.md, section 4.2; the first step that decides,
    /// decides.
    ///
    /// The result depends only on the inputs, with time in whole milliseconds. A refusal is a value. There
    /// is no error, because what cannot be found out is refused too.
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
        let call = CallUnderDecision(
            policy: self, entry: entry, request: request, facts: facts,
            now: Timestamp(microseconds: now.milliseconds * 1000),
            stage: facts.holdsCount
                ? entry.effectiveStage(facts.effectiveStage)
                : entry.stageOnceComplete(facts.effectiveStage))
        guard let tool = table.number(of: request.address) else {
            return call.staged(entry.noGrant.denied(.unlistedTool))
        }
        let elevated = facts.elevations?.cell(tool, of: request.agent, under: digest)
        guard let cell = elevated ?? entry.cells.cell(of: tool, kind: table.kindOfRow[tool]) else {
            return call.ungranted(tool)
        }
        return call.decide(tool, by: cell)
    }
}
