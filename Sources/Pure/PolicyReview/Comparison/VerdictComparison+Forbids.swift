import InterlockJSON
import InterlockModel
import InterlockPolicy

// Compares forbids on tools that no grant covers today. Their calls are denied either way, but an
// elevation in the store can grant them later and does not lift a forbid; removing such a forbid is
// therefore wider.

extension VerdictComparison {
    /// The differences by tool, each taken from the first agent for which the tool differs.
    func forbidDifferences(of agents: [AgentName]) -> [Difference] {
        let tools = Set(old.table.rows.map(\.address)).intersection(new.table.rows.map(\.address))
        return tools.sorted().flatMap { tool -> [Difference] in
            guard rules(old, tool) != rules(new, tool) else { return [] }
            for agent in agents {
                let found = forbidDifferences(of: agent, tool)
                if !found.isEmpty { return found }
            }
            return []
        }
    }

    /// The forbids on a tool as written, for all agents.
    private func rules(_ policy: PolicySnapshot, _ tool: ToolAddress) -> Set<ExactText> {
        guard let number = policy.table.number(of: tool) else { return [] }
        return Set(
            policy.table.rows[number].forbids.map { index in
                let rule = policy.document.forbids[index]
                let agents = rule.agents.map(\.value).sorted().joined(separator: " ")
                let tiers = rule.tiers.map(\.rawValue).sorted().joined(separator: " ")
                return ExactText("\(rule.when?.source ?? "")\n\(agents)\n\(tiers)")
            })
    }

    private func forbidDifferences(of agent: AgentName, _ tool: ToolAddress) -> [Difference] {
        guard before.cell(agent, tool) == nil, after.cell(agent, tool) == nil,
            old.agents[agent] != nil, new.agents[agent] != nil
        else { return [] }
        let domain = before.domain(
            of: tool, typed: old.lock?.inputSchema(of: tool) == new.lock?.inputSchema(of: tool))
        do throws(AnalysisLimit) {
            let was = try before.forbidden(agent, tool, domain: domain)
            let isNow = try after.forbidden(agent, tool, domain: domain)
            return try [
                difference(
                    .widens, in: isNow.isFalse.intersection(was.isNotFalse), agent, tool, domain),
                difference(
                    .narrows, in: was.isFalse.intersection(isNow.isNotFalse), agent, tool, domain),
            ].compactMap { $0 }
        } catch {
            return [blank(.notComparable, tool)]
        }
    }

    private func difference(
        _ direction: Difference.Direction, in region: Region, _ agent: AgentName,
        _ tool: ToolAddress, _ domain: InputDomain
    ) -> Difference? {
        switch region.emptiness(in: domain, prefer: now) {
        case .empty: return nil
        case .open: return blank(.notComparable, tool)
        case .input(let input):
            let was = old.decide(agent, tool, input)
            let isNow = new.decide(agent, tool, input)
            guard was.reason != isNow.reason else { return blank(.notComparable, tool) }
            return Difference(
                direction: direction, agent: nil, subject: tool.description,
                new: "deny \(isNow.reason.rawValue)", old: "deny \(was.reason.rawValue)"
            ).shown(by: input, at: now)
        }
    }

    private func blank(_ direction: Difference.Direction, _ tool: ToolAddress) -> Difference {
        var difference = Difference(
            direction: direction, agent: nil, subject: tool.description, new: "", old: "")
        difference.notes = ["forbids that no scope meets today"]
        return difference
    }
}

extension PolicyRegions {
    /// The truth of the forbids on a tool, which is true where any of them applies.
    fileprivate func forbidden(
        _ agent: AgentName, _ tool: ToolAddress, domain: InputDomain
    ) throws(AnalysisLimit) -> Ternary {
        var all = Ternary.never
        for rule in forbids(agent, tool) {
            all = try all.or(try truth(of: rule.when, agent, tool, domain: domain))
        }
        return all
    }

    private func forbids(_ agent: AgentName, _ tool: ToolAddress) -> [RuleSpec] {
        guard let number = policy.table.number(of: tool), let spec = spec(of: agent) else {
            return []
        }
        return policy.table.rows[number].forbids.map { policy.document.forbids[$0] }
            .filter { $0.concerns(spec) }
    }
}
